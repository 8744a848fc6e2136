import type { FastifyInstance } from 'fastify';
import {
  act,
  exportCase,
  getReferral,
  listMessages,
  pageReferrals,
  renewConsent,
  sendMessage,
  withdrawOnRequest,
} from '../../client/index.js';
import { canonicalText } from '../../protocol/encoding/json.js';
import {
  FileParams,
  IdParams,
  ListOf,
  ListQuery,
  MessageBody,
  Nothing,
  RenewalBody,
  TransitionBody,
} from './bodies.js';
import type { Member } from './member.js';
import { keyOfNumber, pageOf } from './pages.js';
import { openFileFor, openFor } from './open.js';

interface WithId {
  Params: { id: string };
}

/** What is read of a referral, and what is done with it. */
export function addReferrals(app: FastifyInstance, member: Member): void {
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
  app.get<WithId>('/referrals/:id/case', { schema: { params } }, async ({ params: { id } }, reply) => {
    const saved = member.drafts.find(id)?.caseFile;
    return reply.type('application/json').send(canonicalText(await exportCase(member.ready, id, saved)));
  });
  addActs(app, member);
  addThread(app, member);
}

function addActs(app: FastifyInstance, member: Member): void {
  const params = IdParams;
  app.post<WithId & { Body: TransitionBody }>(
    '/referrals/:id/transitions',
    { schema: { params, body: TransitionBody } },
    ({ params: { id }, body }) => act(member.ready, id, body),
  );
  app.post<WithId & { Body: RenewalBody }>(
    '/referrals/:id/renewal',
    { schema: { params, body: RenewalBody } },
    ({ params: { id }, body }) => renewConsent(member.ready, id, body),
  );
  app.post<WithId>('/referrals/:id/withdrawal', { schema: { params, body: Nothing } }, ({ params: { id } }) =>
    withdrawOnRequest(member.ready, id),
  );
}

/** What came with the handoff, and what is written since. */
function addThread(app: FastifyInstance, member: Member): void {
  const params = IdParams;
  app.get<WithId & { Querystring: ListOf }>(
    '/referrals/:id/messages',
    { schema: { params, querystring: ListOf } },
    async ({ params: { id }, query }) =>
      pageOf(await listMessages(member.ready, id), query, (_, place) => keyOfNumber(place)),
  );
  app.post<WithId & { Body: MessageBody }>(
    '/referrals/:id/messages',
    { schema: { params, body: MessageBody } },
    async ({ params: { id }, body }, reply) => {
      await sendMessage(member.ready, id, body.text);
      return reply.status(204).send();
    },
  );
  app.get<{ Params: { id: string; attachment: string } }>(
    '/referrals/:id/attachments/:attachment',
    { schema: { params: FileParams } },
    ({ params: { id, attachment } }) => openFileFor(member.ready, id, attachment),
  );
}
