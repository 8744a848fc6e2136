import type { FastifyInstance } from 'fastify';
import { figuresCsv, importDrafts, noticeText } from '../../client/index.js';
import { fromBase64url } from '../../protocol/encoding/bytes.js';
import {
  DraftBody,
  FiguresQuery,
  IdParams,
  ImportBody,
  JoinBody,
  LanguageParams,
  ListOf,
  Nothing,
} from './bodies.js';
import { addCoordination } from './coordinator-routes.js';
import type { SavedDraft } from './drafts.js';
import type { Member } from './member.js';
import { pageOf } from './pages.js';
import { addReferrals } from './referral-routes.js';
import { sealDraft } from './seal.js';
import { addServices } from './service-routes.js';

/** The largest file in base64, and a record beside it. */
const DRAFT_LIMIT = 16_000_000;

interface WithId {
  Params: { id: string };
}

/** Every route of docs/protocol/partner-app.md, *The agent*. */
export function addRoutes(app: FastifyInstance, member: Member): void {
  app.get('/status', () => member.status());
  app.post<{ Body: JoinBody }>('/join', { schema: { body: JoinBody } }, async (request, reply) => {
    void reply.status(202);
    return member.join(request.body.code);
  });
  app.get<{ Params: { language: string } }>(
    '/notices/:language',
    { schema: { params: LanguageParams } },
    async ({ params }) => ({
      language: params.language,
      text: noticeText(await member.ready.charter(), params.language),
    }),
  );
  addServices(app, member);
  addDrafts(app, member);
  addReferrals(app, member);
  addTables(app, member);
  addCoordination(app, member);
}

function addDrafts(app: FastifyInstance, member: Member): void {
  const schema = { params: IdParams };
  app.post<{ Body: DraftBody }>(
    '/drafts',
    { schema: { body: DraftBody }, bodyLimit: DRAFT_LIMIT },
    async (request, reply) => {
      void reply.status(201);
      return sealDraft(member, request.body);
    },
  );
  app.get<{ Querystring: ListOf }>('/drafts', { schema: { querystring: ListOf } }, ({ query }) => {
    const { items, ...next } = pageOf(member.drafts.list(), query, ({ draft }) => draft);
    return { items: items.map(shown), ...next };
  });
  app.post<WithId>('/drafts/:id/send', { schema: { ...schema, body: Nothing } }, ({ params }) =>
    member.drafts.send(member.ready, params.id),
  );
  app.delete<WithId>('/drafts/:id', { schema }, async ({ params }, reply) => {
    await member.drafts.forget(member.ready, params.id);
    return reply.status(204).send();
  });
}

function addTables(app: FastifyInstance, member: Member): void {
  app.post<{ Body: ImportBody }>('/imports', { schema: { body: ImportBody } }, async ({ body }) => {
    const { refusedFields } = await member.ready.charter();
    const { to, format, mapping } = body;
    const text = 'text' in body ? body.text : fromBase64url(body.bytes);
    return importDrafts({ format, mapping, text }, { to, refusedFields });
  });
  app.get<{ Querystring: FiguresQuery }>(
    '/figures',
    { schema: { querystring: FiguresQuery } },
    async ({ query }, reply) =>
      reply.type('text/csv; charset=utf-8').send(await figuresCsv(member.ready, query.language)),
  );
}

/** Without the sealed bytes and the case's secrets. */
function shown({ draft, from, to, priority, sendUntil, keepUntil, sealed }: SavedDraft): object {
  return { draft, referral: draft, from, to, priority, sendUntil, keepUntil, sent: sealed === null };
}
