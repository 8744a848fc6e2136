import type { FastifyInstance } from 'fastify';
import {
  dueErasures,
  endHold,
  eventPage,
  getProfile,
  holdPlace,
  pageServices,
  stateErasure,
  searchServices,
  setCapacity,
} from '../../client/index.js';
import {
  CapacityBody,
  ErasedBody,
  EventsQuery,
  HoldBody,
  IdParams,
  ListOf,
  Nothing,
  SearchBody,
  ServiceQuery,
} from './bodies.js';
import type { Member } from './member.js';
import { pageOf } from './pages.js';

interface WithId {
  Params: { id: string };
}

/** Whom one can refer to, what they have free, and what has happened. */
export function addServices(app: FastifyInstance, member: Member): void {
  const params = IdParams;
  app.get<{ Querystring: ListOf }>('/services', { schema: { querystring: ListOf } }, ({ query }) =>
    pageServices(member.ready, query),
  );
  app.post<{ Body: SearchBody }>('/services/search', { schema: { body: SearchBody } }, async ({ body }) => ({
    items: await searchServices(member.ready, body),
  }));
  app.get<WithId>('/services/:id/profile', { schema: { params } }, ({ params: { id } }) =>
    getProfile(member.ready, id),
  );
  app.post<WithId & { Body: CapacityBody }>(
    '/services/:id/capacity',
    { schema: { params, body: CapacityBody } },
    async ({ params: { id }, body }, reply) => {
      await setCapacity(member.ready, id, body);
      return reply.status(204).send();
    },
  );
  addHolds(app, member);
  addErasures(app, member);
  app.get<{ Querystring: EventsQuery }>(
    '/events',
    { schema: { querystring: EventsQuery } },
    ({ query: { service, after, wait = '0' } }) =>
      eventPage(member.ready, service, { after, wait: Number(wait) }),
  );
}

function addHolds(app: FastifyInstance, member: Member): void {
  const schema = { params: IdParams, body: Nothing };
  app.post<WithId>('/services/:id/holds', { schema }, async ({ params: { id } }, reply) => {
    void reply.status(201);
    return holdPlace(member.ready, id);
  });
  app.post<{ Body: HoldBody }>('/holds/end', { schema: { body: HoldBody } }, async ({ body }, reply) => {
    await endHold(member.ready, body);
    return reply.status(204).send();
  });
}

/** What an app itself still holds of them, only the app can erase: it says when it has. */
function addErasures(app: FastifyInstance, member: Member): void {
  app.get<{ Querystring: ServiceQuery }>(
    '/erasures',
    { schema: { querystring: ServiceQuery } },
    async ({ query: { service, ...page } }) => {
      const due = await dueErasures(member.ready, service);
      return pageOf(
        due.map(({ referral }) => referral),
        page,
        (referral) => referral,
      );
    },
  );
  app.post<{ Body: ErasedBody }>(
    '/erasures',
    { schema: { body: ErasedBody } },
    async ({ body: { service, referrals } }, reply) => {
      const due = await dueErasures(member.ready, service);
      const erased = due.filter(({ referral }) => referrals.includes(referral));
      if (erased.length > 0) await stateErasure(member.ready, service, erased);
      return reply.status(204).send();
    },
  );
}
