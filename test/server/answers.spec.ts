import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { newId } from '../../src/protocol/encoding/bytes.js';
import { textHash } from '../../src/protocol/registry/charter.js';
import { SIGNED } from '../../src/protocol/schemas/signed.js';
import { problemOf } from '../../src/client/device/problem.js';
import openapi from '../../openapi.json' with { type: 'json' };
import { Caller, type Answer } from '../support/requests/caller.js';
import { until } from '../support/machines/database.js';
import { givenReferral, givenSend } from '../support/network/makers.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';
import { answerTo, head } from '../support/machines/raw-socket.js';

const SECRET = 'zq-secret-of-mine';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describe('what every answer says', () => {
  let server: FoundedServer;
  let sender: Caller;
  let receiver: Caller;
  let coordinator: Caller;

  beforeAll(async () => {
    server = await givenNetwork();
    const { laRuelle, clinique } = server.network;
    [sender, receiver, coordinator] = (await Promise.all(
      [laRuelle.worker, clinique.worker, laRuelle.coordinator].map(({ state }) => Caller.of(state)),
    )) as [Caller, Caller, Caller];
  }, 240_000);
  afterAll(() => server.stop());

  const at = (path: string, init: RequestInit = {}) => fetch(server.address + path, init);

  describe('its request’s id', () => {
    it.each<[string, string, RequestInit]>([
      ['an answer', '/v1/network', {}],
      ['a file of the log', '/log/registry/2026/policy', {}],
      ['a page', '/docs', {}],
      ['a route that is not there', '/nowhere', {}],
      ['a refusal', '/v1/services', {}],
      ['a refused token', '/v1/token', { method: 'POST', body: new URLSearchParams({ a: 'b' }) }],
      ['an address that cannot be read', '/v1/charter/versions/%ff', {}],
      ['too long a parameter', `/v1/schemas/${'a'.repeat(500)}`, {}],
    ])('in %s, random and in the line that an operator finds', async (_, path, init) => {
      const [a, b] = [await at(path, { ...init, headers: { 'request-id': SECRET } }), await at(path, init)];
      const [id, other] = [a, b].map(({ headers }) => headers.get('request-id') ?? '') as [string, string];
      expect(id).toMatch(UUID);
      expect(other).not.toBe(id);
      if (a.headers.get('content-type')?.startsWith('application/problem') === true)
        expect(await a.json()).toMatchObject({ instance: `urn:uuid:${id}` });
      await until(() => Promise.resolve(server.output().includes(id)));
      expect(server.output()).not.toContain(SECRET);
    });

    it.each([
      ['no HTTP', `${SECRET}\r\n\r\n`, 400],
      ['a head without end', head('GET /v1/network', { x: SECRET.repeat(2000) }), 413],
    ])('in the answer to %s', async (_, bytes, status) => {
      const answer = await answerTo(server.address, bytes);
      const [, id = ''] = /request-id: (\S+)/.exec(answer) ?? [];
      expect(id).toMatch(UUID);
      expect(answer).toContain(`"instance":"urn:uuid:${id}"`);
      expect(answer).toContain('access-control-allow-origin: *');
      await until(() => Promise.resolve(server.output().includes(`"request":"${id}"`)));
      expect(server.output()).toMatch(
        new RegExp(`"request":"${id}","method":"-","route":"-","status":${status}`),
      );
    });
  });

  describe('to scripts of other origins', () => {
    const ASKS = { origin: 'https://app.example', 'access-control-request-method': 'POST' };
    const preflight = (path: string) => at(path, { method: 'OPTIONS', headers: ASKS });
    const allowed = ({ headers }: Response) => headers.get('access-control-allow-origin');

    it.each(['/v1/network', '/v1/openapi.json', '/v1/referrals', '/hsds', '/hsds/services', '/v1/nowhere'])(
      'that they may: %s, refusals included',
      async (path) => {
        const [asked, got] = [await preflight(path), await at(path, { headers: { origin: ASKS.origin } })];
        expect([asked.status, allowed(asked), allowed(got)]).toEqual([204, '*', '*']);
        const names = asked.headers.get('access-control-allow-headers')?.split(', ') ?? [];
        expect(names).toEqual(
          expect.arrayContaining(['Authorization', 'DPoP', 'Content-Type', 'Idempotency-Key']),
        );
        expect(Number(asked.headers.get('access-control-max-age'))).toBeGreaterThan(600);
        expect(asked.headers.has('ratelimit')).toBe(false);
        const shown = got.headers.get('access-control-expose-headers') ?? '';
        for (const name of [
          'DPoP-Nonce',
          'WWW-Authenticate',
          'Retry-After',
          'RateLimit',
          'Date',
          'Request-Id',
        ])
          expect(shown).toContain(name);
        for (const each of [asked, got])
          expect(each.headers.has('access-control-allow-credentials')).toBe(false);
      },
    );

    it.each([
      '/',
      '/receipt',
      '/audit',
      '/docs',
      '/health/live',
      '/health/ready',
      '/problems/not_found',
      '/v1x',
      '/web-app.sha256',
    ])('nothing: %s', async (path) => {
      const [asked, got] = [await preflight(path), await at(path)];
      expect([asked.status, allowed(asked), allowed(got)]).toEqual([404, null, null]);
    });
  });

  describe('where something is wrong', () => {
    const placesOf = ({ body }: Answer) => body['errors'];

    it.each<[string, () => Promise<Answer>, object]>([
      [
        'a member missing',
        () => receiver.post(`/v1/referrals/${newId()}/transitions`, {}),
        { pointer: '/event' },
      ],
      [
        'a member unknown',
        () => receiver.post(`/v1/referrals/${newId()}/transitions`, { event: 'accept', surprise: SECRET }),
        { pointer: '/surprise' },
      ],
      [
        'an item of a list',
        () => sender.post('/v1/receipts/withdrawals', { statement: { jws: 'a.b.c', opening: SECRET } }),
        { pointer: '/statement/opening' },
      ],
      ['a parameter', () => receiver.get(`/v1/referrals?box=${SECRET}`), { parameter: 'box' }],
      ['a cursor', () => receiver.get('/v1/referrals?box=inbox&after=AAAA'), { parameter: 'after' }],
      ['a parameter twice', () => receiver.get('/v1/services?limit=1&limit=1'), { parameter: 'limit' }],
    ])('%s', async (_, act, place) => {
      const answer = await act();
      expect(placesOf(answer)).toEqual(expect.arrayContaining([expect.objectContaining(place)]));
      expect(JSON.stringify(answer.body)).not.toContain(SECRET);
    });

    it('a header that is missing', async () => {
      const path = `/v1/referrals/${newId()}/transitions`;
      expect(placesOf(await receiver.post(path, { event: 'accept' }, null))).toMatchObject([
        { header: 'Idempotency-Key' },
      ]);
    });

    it('no JSON, by what came before it', async () => {
      const answer = await at('/v1/receipts/withdrawals', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"statement":{"jws":"a","jws":"b"}}',
      });
      expect(await answer.json()).toMatchObject({ errors: [{ pointer: '/statement/jws' }] });
    });

    it('which statement, and which member of it', async () => {
      const [wrongDay, wrongLog] = [
        await givenSend(server.network, { released: { day: '2031-01-01' } }),
        await givenSend(server.network, { given: { log: 'somewhere/else' } }),
      ];
      const later = await sender.post('/v1/referrals', wrongDay.body);
      expect(later).toMatchObject({ status: 422, code: 'statement_invalid' });
      expect(placesOf(later)).toMatchObject([{ pointer: '/statements/1/jws', inside: '/day' }]);
      expect(placesOf(await sender.post('/v1/referrals', wrongLog.body))).toMatchObject([
        { pointer: '/statements/0/jws', inside: '/log' },
      ]);
    });

    it('which entry of several, and where in a profile', async () => {
      const answer = await coordinator.post('/v1/registry/entries', { entries: ['a.a.a'] });
      expect(placesOf(answer)).toMatchObject([{ pointer: '/entries/0' }]);
      const path = `/v1/services/${server.network.laRuelle.service}/profile`;
      expect(placesOf(await coordinator.post(path, { profile: '{"email":7}' }))).toMatchObject([
        { pointer: '/profile', inside: expect.stringMatching(/^\//) },
      ]);
    });

    it('to relais/client', async () => {
      const response = await at('/v1/services?limit=0');
      expect(await problemOf(response)).toMatchObject({
        code: 'unauthorised',
        instance: expect.stringMatching(/^urn:uuid:/),
      });
      const { referral } = await givenReferral(server);
      const act = receiver.post(`/v1/referrals/${referral}/transitions`, { event: 7 });
      const { status, body } = await act;
      const problem = await problemOf(new Response(JSON.stringify(body), { status }));
      expect(problem.errors).toMatchObject([{ pointer: '/event' }]);
    });
  });

  describe('of the protocol', () => {
    it('the words of every notice that the charter names, to the byte', async () => {
      const charter = (await (await at('/v1/charter')).json()) as { text: string };
      const { notices } = JSON.parse(charter.text) as { notices: Record<string, Record<string, string>> };
      const named = Object.entries(notices).flatMap(([notice, texts]) =>
        Object.entries(texts).map(([language, sha256]) => ({ notice, language, sha256 })),
      );
      expect(named.length).toBeGreaterThan(3);
      for (const { notice, language, sha256 } of named) {
        const answer = await at(`/v1/notices/${notice}/${language}`);
        expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
        expect(textHash(await answer.text())).toBe(sha256);
      }
    });

    it.each([
      'notices',
      'taxonomy',
      'handoff-fields',
      'reason-codes',
      'state-machine',
      'schemas',
      'schemas/service-profile',
    ])('%s, kept until it changes', async (name) => {
      const first = await at(`/v1/${name}`);
      const etag = first.headers.get('etag') ?? '';
      const text = await first.text();
      expect(Object.keys(JSON.parse(text) as object).length).toBeGreaterThan(0);
      expect(first.headers.get('cache-control')).toMatch(/public, max-age=/);
      expect(etag).toBe(`"${createHash('sha256').update(text).digest('base64url')}"`);
      for (const known of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
        const again = await at(`/v1/${name}`, { headers: { 'if-none-match': known } });
        expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag]);
      }
      expect((await at(`/v1/${name}`, { headers: { 'if-none-match': '"x"' } })).status).toBe(200);
    });

    it('a schema of every signed object', async () => {
      const { items } = (await (await at('/v1/schemas')).json()) as { items: string[] };
      for (const typ of Object.keys(SIGNED)) expect(items).toContain(typ.replace('+jws', ''));
      for (const name of items)
        expect(await (await at(`/v1/schemas/${name}`)).json()).toMatchObject({ title: name });
      for (const none of [
        'schemas/toString',
        'notices/refer@1/xx',
        'notices/refer@2/fr',
        'schemas/..%2fnetwork',
      ])
        expect((await at(`/v1/${none}`)).status).toBe(404);
    });
  });

  describe('of a problem', () => {
    const codes = openapi.components.schemas.ProblemAnswer.properties.type.enum;

    it.each(codes)('cause and remedy: %s', async (type) => {
      const page = await at(type, { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } });
      expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
      const html = await page.text();
      for (const language of ['fr', 'nl', 'en']) expect(html).toContain(`<section lang="${language}">`);
      const json = await at(type);
      expect(json.headers.get('content-type')).toMatch(/^application\/json/);
      expect(await json.json()).toMatchObject({
        type,
        remedy: { fr: expect.any(String), nl: expect.any(String) },
      });
    });

    it('nothing of a code that there is not', async () => {
      for (const code of ['none', 'toString', '__proto__', 'fault'])
        expect((await at(`/problems/${code}`)).status).toBe(404);
    });
  });
});
