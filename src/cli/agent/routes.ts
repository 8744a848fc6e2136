import type { FastifyInstance } from 'fastify';
import {
  act,
  exportCase,
  figuresCsv,
  getReferral,
  importDrafts,
  listServices,
  noticeText,
  pageReferrals,
  withdrawOnWord,
} from '../../client/index.js';
import { canonicalText } from '../../protocol/charter.js';
import {
  DraftBody,
  FiguresQuery,
  IdParams,
  ImportBody,
  JoinBody,
  LanguageParams,
  ListQuery,
  Nothing,
  TransitionBody,
} from './bodies.js';
import type { KeptDraft } from './drafts.js';
import type { Member } from './member.js';
import { openFor } from './open.js';
import { sealDraft } from './seal.js';

interface WithId {
  Params: { id: string };
}

/** Every route of protocol.md, *The agent*. */
export function addRoutes(app: FastifyInstance, member: Member): void {
  app.get('/status', () => member.status());
  app.post<{ Body: JoinBody }>('/join', { schema: { body: JoinBody } }, async (request, reply) => {
    void reply.status(202);
    return member.join(request.body.code);
  });
  app.get('/services', async () => ({ items: await listServices(member.ready) }));
  app.get<{ Params: { language: string } }>(
    '/notices/:language',
    { schema: { params: LanguageParams } },
    async ({ params }) => ({
      language: params.language,
      text: noticeText(await member.ready.charter(), params.language),
    }),
  );
  addDrafts(app, member);
  addReferrals(app, member);
  addTables(app, member);
}

function addDrafts(app: FastifyInstance, member: Member): void {
  const schema = { params: IdParams };
  app.post<{ Body: DraftBody }>('/drafts', { schema: { body: DraftBody } }, async (request, reply) => {
    void reply.status(201);
    return sealDraft(member, request.body);
  });
  app.get('/drafts', () => ({ items: member.drafts.list().map(shown) }));
  app.post<WithId>('/drafts/:id/send', { schema: { ...schema, body: Nothing } }, ({ params }) =>
    member.drafts.send(member.ready, params.id),
  );
  app.delete<WithId>('/drafts/:id', { schema }, async ({ params }, reply) => {
    await member.drafts.remove(member.ready, params.id);
    return reply.status(204).send();
  });
}

function addReferrals(app: FastifyInstance, member: Member): void {
  const params = IdParams;
  app.get<{ Querystring: ListQuery }>('/referrals', { schema: { querystring: ListQuery } }, ({ query }) =>
    pageReferrals(member.ready, { ...query }),
  );
  app.get<WithId>('/referrals/:id', { schema: { params } }, ({ params: { id } }) =>
    getReferral(member.ready, id),
  );
  app.post<WithId>('/referrals/:id/open', { schema: { params, body: Nothing } }, ({ params: { id } }) =>
    openFor(member.ready, id),
  );
  app.post<WithId & { Body: TransitionBody }>(
    '/referrals/:id/transitions',
    { schema: { params, body: TransitionBody } },
    ({ params: { id }, body }) => act(member.ready, id, body),
  );
  app.post<WithId>('/referrals/:id/withdrawal', { schema: { params, body: Nothing } }, ({ params: { id } }) =>
    withdrawOnWord(member.ready, id),
  );
  app.get<WithId>('/referrals/:id/case', { schema: { params } }, async ({ params: { id } }, reply) => {
    const kept = member.drafts.find(id)?.caseFile;
    return reply.type('application/json').send(canonicalText(await exportCase(member.ready, id, kept)));
  });
}

function addTables(app: FastifyInstance, member: Member): void {
  app.post<{ Body: ImportBody }>('/imports', { schema: { body: ImportBody } }, async ({ body }) => {
    const { refusedFields } = await member.ready.charter();
    return importDrafts(body, { to: body.to, refusedFields });
  });
  app.get<{ Querystring: FiguresQuery }>(
    '/figures',
    { schema: { querystring: FiguresQuery } },
    async ({ query }, reply) =>
      reply.type('text/csv; charset=utf-8').send(await figuresCsv(member.ready, query.language)),
  );
}

/** Without the sealed bytes and the case's secrets. */
function shown({ draft, from, to, priority, sendUntil, keepUntil, sealed }: KeptDraft): object {
  return { draft, referral: draft, from, to, priority, sendUntil, keepUntil, sent: sealed === null };
}
