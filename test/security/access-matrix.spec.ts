import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/protocol/encoding/bytes.js';
import type { RawAnswer, RawRequest } from '../support/requests/caller.js';
import { givenNetwork, type FoundedServer, type ServerProcess } from '../support/machines/process.js';
import {
  givenPrincipals,
  PRINCIPALS,
  type PrincipalName,
  type Principals,
} from '../support/network/principals.js';
import { givenRequests, rawRequest, type Requests } from '../support/requests/requests.js';
import { listRoutes } from '../support/machines/routes.js';
import matrix from './access-matrix.json' with { type: 'json' };

/** Status of each allowed cell; `everybody` and `devices` stand for all, and all living devices. */
type Row = Readonly<Partial<Record<PrincipalName | 'everybody' | 'devices', number>>>;
const ROWS = Object.entries<Row>(matrix);

/** RFC 9449, section 7.1. */
const CHALLENGE =
  /^DPoP (error="(invalid_token|invalid_dpop_proof|use_dpop_nonce)", )?algs="Ed25519 EdDSA ES256"$/;
const CODES: readonly PrincipalName[] = ['unknownCode', 'invitation', 'receipt', 'reader', 'second'];
const OUTSIDE: readonly PrincipalName[] = ['anybody', 'revoked', 'suspended'];
const DEVICES = PRINCIPALS.filter((name) => ![...CODES, ...OUTSIDE].includes(name));

/**
 * What the matrix says of a cell; what it does not allow is refused: 401 at the wrong door, 404 at the right
 * one.
 */
function cell(row: Row, name: PrincipalName): number {
  const named = row[name] ?? row.everybody ?? (DEVICES.includes(name) ? row.devices : undefined);
  const isDoorOfCodes = CODES.some((code) => code in row);
  return named ?? ((isDoorOfCodes ? CODES : DEVICES).includes(name) ? 404 : 401);
}

describe('access matrix', () => {
  let server: FoundedServer;
  let replica: ServerProcess;
  let principals: Principals;
  let requests: Requests;

  beforeAll(async () => {
    server = await givenNetwork();
    replica = await server.replica();
    requests = await givenRequests(server);
    principals = await givenPrincipals(server);
  });
  afterAll(async () => {
    await replica.kill();
    await server.stop();
  });

  async function requestFor(route: string, name: PrincipalName): Promise<RawRequest> {
    return rawRequest(route, (await requests[route]?.(principals[name])) ?? {});
  }

  it('has a row for every route of the application, and none for any other', async () => {
    const routes = await listRoutes();
    const rows = new Set(ROWS.map(([route]) => route.split(' ').slice(0, 2).join(' ')));
    expect([...rows].sort()).toEqual(routes.filter((route) => !route.startsWith('HEAD ')));
    for (const route of routes.filter((each) => each.startsWith('HEAD ')))
      expect(rows).toContain(route.replace('HEAD', 'GET'));
  });

  it.each(ROWS)('holds for %s', async (route, row) => {
    const said: Record<string, number> = {};
    for (const name of PRINCIPALS) {
      const { caller } = principals[name];
      const request = await requestFor(route, name);
      const answer = await caller.send(request);
      said[name] = answer.status;
      if (answer.status === 401) expect(answer.headers.get('www-authenticate')).toMatch(CHALLENGE);
      if (request.method !== 'GET') continue;
      const { status, text } = await caller.send({ ...request, method: 'HEAD' });
      expect([name, status, text]).toEqual([name, said[name], '']);
    }
    expect(said).toEqual(Object.fromEntries(PRINCIPALS.map((name) => [name, cell(row, name)])));
  });

  it.each(['revoked', 'suspended'] as const)('holds for who is %s on another process', async (name) => {
    const there = principals[name].caller.at(replica.address);
    const control = principals.sender.caller.at(replica.address);
    expect((await control.get('/v1/services')).status).toBe(200);
    for (const [route, row] of ROWS) {
      const { status } = await there.send(await requestFor(route, name));
      expect([route, status]).toEqual([route, cell(row, name)]);
    }
    expect(await principals[name].caller.authenticate()).toBe(401);
  });

  describe('what is another’s', () => {
    /** However it is asked for, and whatever a client claims to know of it. */
    const ASKED: readonly Readonly<Record<string, string>>[] = [
      {},
      { 'if-none-match': '*' },
      { 'if-match': '*' },
      { 'if-modified-since': 'Thu, 01 Jan 2026 00:00:00 GMT' },
      { range: 'bytes=0-1' },
      { accept: 'text/html' },
    ];

    it.each(ROWS.filter(([route]) => route.includes(':id')))(
      'cannot be told from what does not exist: %s',
      async (route, row) => {
        for (const name of PRINCIPALS.filter((each) => cell(row, each) === 404)) {
          const { caller } = principals[name];
          const known = await requestFor(route, name);
          const unknown = { ...known, path: known.path.replace(/[0-9a-f-]{36}/, newId()) };
          for (const headers of ASKED.map((asked) => ({ ...known.headers, ...asked }))) {
            for (const method of known.method === 'GET' ? ['GET', 'HEAD'] : [known.method]) {
              const answer = bare(await caller.send({ ...known, method, headers }));
              expect(answer).toEqual(bare(await caller.send({ ...unknown, method, headers })));
              expect(answer.status).toBe(404);
            }
          }
        }
      },
    );

    it('is in no list, whichever filter is named', async () => {
      const { laRuelle, clinique } = server.network;
      for (const name of ['stranger', 'foreignCoordinator', 'colleague', 'auditor', 'observer'] as const) {
        const { caller } = principals[name];
        for (const list of ['box=inbox', 'box=outbox', 'box=inbox&state=closed', 'box=outbox&state=closed']) {
          const filters = [
            '',
            ...[laRuelle.service, clinique.service, newId()].map((id) => `&service=${id}`),
          ];
          for (const filter of filters)
            expect((await caller.get(`/v1/referrals?${list}${filter}`)).body).toEqual({ items: [] });
        }
      }
    });

    it('is in no list of devices, invitations or grants', async () => {
      const { caller } = principals.foreignCoordinator;
      const { body } = await caller.get('/v1/devices');
      expect((body['items'] as unknown[]).length).toBe(2);
      for (const list of ['/v1/invitations', '/v1/grants'])
        expect((await caller.get(list)).body).toEqual({ items: [] });
    });

    it('cannot be told from what does not exist when a body names it', async () => {
      const { caller } = principals.foreignCoordinator;
      const { body } = await requestFor('POST /v1/invitations', 'foreignCoordinator');
      const invitation = JSON.parse(String(body)) as object;
      const answers = await Promise.all(
        [server.network.clinique.service, newId()].map((id) =>
          caller.send({
            method: 'POST',
            path: '/v1/invitations',
            headers: { 'idempotency-key': newId() },
            body: JSON.stringify({ ...invitation, services: [id] }),
          }),
        ),
      );
      expect(answers[0]?.status).toBe(404);
      expect(bare(answers[0] as RawAnswer)).toEqual(bare(answers[1] as RawAnswer));
    });
  });
});

/** All of an answer but what differs between any two answers: each request has an id of its own. */
function bare({ status, headers, text }: RawAnswer) {
  const stays: Record<string, string> = {};
  headers.forEach((value, name) => {
    if (!['date', 'ratelimit', 'dpop-nonce', 'request-id'].includes(name)) stays[name] = value;
  });
  return { status, text: text.replaceAll(headers.get('request-id') ?? '', ''), headers: stays };
}
