import type { FastifyInstance } from 'fastify';
import {
  acceptEntries,
  certifyRequests,
  coordinatorTasks,
  endWitness,
  invite,
  registerWitness,
  strangeEntries,
  vouchForWebApp,
} from '../../client/index.js';
import { fromBase64url } from '../../protocol/encoding/bytes.js';
import {
  AppointBody,
  InvitationBody,
  KnownBody,
  ListOf,
  Nothing,
  WebAppBody,
  WitnessBody,
} from './bodies.js';
import type { Member } from './member.js';
import { keyOfNumber, pageOf } from './pages.js';

/** What a coordinator's agent does besides: people in, tasks, and the organisation's word in the registry. */
export function addCoordination(app: FastifyInstance, member: Member): void {
  app.post<{ Body: AppointBody }>(
    '/coordinator',
    { schema: { body: AppointBody } },
    async ({ body }, reply) => {
      await member.appoint(body.paperCode);
      return reply.status(204).send();
    },
  );
  app.get<{ Querystring: ListOf }>('/tasks', { schema: { querystring: ListOf } }, async ({ query }) =>
    pageOf(await coordinatorTasks(member.ready), query, (_, place) => keyOfNumber(place)),
  );
  addInvitations(app, member);
  addVouching(app, member);
}

function addInvitations(app: FastifyInstance, member: Member): void {
  app.post<{ Body: InvitationBody }>(
    '/invitations',
    { schema: { body: InvitationBody } },
    async ({ body }, reply) => {
      void reply.status(201);
      return { code: await invite(member.ready, body) };
    },
  );
  app.post('/invitations/certification', { schema: { body: Nothing } }, async (_request, reply) => {
    const { done, refused } = await certifyRequests(member.ready);
    const told = refused.map(({ item: { role, services }, check }) => ({ role, services, check }));
    return reply.send({ certified: done.length, refused: told });
  });
}

function addVouching(app: FastifyInstance, member: Member): void {
  app.get<{ Querystring: ListOf }>('/entries', { schema: { querystring: ListOf } }, async ({ query }) =>
    pageOf(await strangeEntries(member.ready), query, ({ index }) => keyOfNumber(index)),
  );
  app.post<{ Body: KnownBody }>(
    '/entries/known',
    { schema: { body: KnownBody } },
    async ({ body }, reply) => {
      acceptEntries(member.ready, body.index);
      return reply.status(204).send();
    },
  );
  app.post<{ Body: WitnessBody }>('/witness', { schema: { body: WitnessBody } }, async ({ body }, reply) => {
    await registerWitness(member.ready, { key: fromBase64url(body.key), url: body.url });
    return reply.status(204).send();
  });
  app.delete('/witness', async (_request, reply) => {
    await endWitness(member.ready);
    return reply.status(204).send();
  });
  app.post<{ Body: WebAppBody }>('/web-app', { schema: { body: WebAppBody } }, async ({ body }, reply) => {
    await vouchForWebApp(member.ready, body.manifest);
    return reply.status(204).send();
  });
}
