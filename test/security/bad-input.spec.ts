import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sendExample from '../../src/server/referrals/examples/send.json' with { type: 'json' };
import type { Device } from '../../src/client/index.js';
import { newId } from '../../src/protocol/bytes.js';
import { asOwner } from '../support/database.js';
import { Entrant } from '../support/entrant.js';
import { givenNetwork, type FoundedServer } from '../support/process.js';

const NUL = '\u0000';

/** Bodies that a parser might repair, overlook, or fall over. */
const BODIES: readonly (readonly [string, string | Buffer])[] = [
  ['no JSON', 'hello'],
  ['nothing', ''],
  ['an empty object', '{}'],
  ['null', 'null'],
  ['a list', '[]'],
  ['a number', '1e300'],
  ['a NUL', `{"event":"a${NUL}"}`],
  ['an escaped NUL', '{"event":"\\u0000"}'],
  ['a lone surrogate', '{"event":"\\ud800"}'],
  ['bad UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
  ['a byte order mark', '\ufeff{}'],
  ['duplicate members', '{"event":"accept","event":"decline"}'],
  ['duplicate members by escapes', '{"event":"accept","\\u0065vent":"decline"}'],
  ['__proto__', '{"__proto__":{"event":"accept"}}'],
  ['constructor', '{"constructor":{"prototype":{"event":"accept"}}}'],
  ['depth 5 000', `${'['.repeat(5000)}${']'.repeat(5000)}`],
  ['objects of depth 5 000', `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`],
  ['2³¹', '{"event":2147483648}'],
  ['1e300', '{"event":1e300}'],
  ['a fraction', '{"event":0.5}'],
  ['an unknown member', '{"event":"accept","also":1}'],
  ['wrong types', '{"event":["accept"],"statusReason":{},"outcome":false}'],
  ['null members', '{"event":null,"statements":null,"referral":null,"entries":null,"grants":null}'],
];

async function enter(device: Device): Promise<[Entrant, string]> {
  const entrant = await Entrant.of(device.state);
  return [entrant, await entrant.token()];
}

describe('bad input', () => {
  const passes: { worker?: Promise<[Entrant, string]>; coordinator?: Promise<[Entrant, string]> } = {};
  let server: FoundedServer;
  let routes: { method: string; path: string }[];

  beforeAll(async () => {
    server = await givenNetwork();
    const document = (await (await fetch(`${server.address}/v1/openapi.json`)).json()) as {
      paths: Record<string, Record<string, unknown>>;
    };
    routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })),
    );
  });
  afterAll(() => server.stop());

  /** As a device that may, with any bytes as its body. */
  async function as(role: 'worker' | 'coordinator', method: string, path: string, body?: string | Buffer) {
    const device = server.network.laRuelle[role];
    const [entrant, token] = await (passes[role] ??= enter(device));
    const url = `${server.address}${path.split('?')[0] ?? ''}`;
    const headers = {
      authorization: `DPoP ${token}`,
      dpop: await entrant.proof(token, { method, url }),
      'idempotency-key': newId(),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const response = await fetch(`${server.address}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : Uint8Array.from(body) }),
    });
    return { status: response.status, text: await response.text() };
  }

  it('never yields a 5xx, on any route, with any of these bodies, as anybody', async () => {
    const posts = routes.filter(({ method }) => method === 'POST');
    expect(posts.length).toBeGreaterThan(10);
    const before = await asOwner<{ n: number }>(server.urls, COUNT);
    for (const { path } of posts.map(({ path: template }) => ({
      path: template.replace(/\{\w+\}/g, newId()),
    }))) {
      for (const [name, body] of BODIES) {
        for (const role of ['worker', 'coordinator'] as const) {
          const { status } = await as(role, 'POST', path, body);
          expect([path, name, role, status >= 400 && status < 500]).toEqual([path, name, role, true]);
        }
      }
    }
    expect(await asOwner<{ n: number }>(server.urls, COUNT)).toEqual(before);
  });

  it.each([
    '/v1/referrals?box=inbox&box=outbox',
    '/v1/referrals?box[a]=inbox',
    '/v1/referrals?box=inbox&unknown=1',
    '/v1/referrals?box=inbox&limit=1e9',
    '/v1/referrals?box=inbox&limit=-1',
    '/v1/referrals?box=inbox&after=AAAA',
    '/v1/referrals?box=%00',
    '/v1/referrals?box=%ff',
    '/v1/referrals?box=%zz',
    '/v1/referrals/%00',
    '/v1/referrals/..%2f..%2fetc',
    `/v1/referrals/${'a'.repeat(500)}`,
    '/v1/referrals/00000000-0000-0000-0000-00000000000G',
    `/v1/referrals/${newId()}/proofs?from=99999999999999999999`,
    `/v1/referrals/${newId()}/proofs?from=-1`,
    '/v1/services?after=%00',
    '/v1/services/1%27%20OR%201=1',
    '/v1/charter/versions/99999999999999999999',
    '/v1/charter/versions/-1',
    '/v1/charter/versions/x',
    '/log/consent/2026/tile/0/x000/000',
    '/log/consent/2026/tile/entries/../checkpoint',
    '/log/consent/99999/checkpoint',
    '/log/nothing/2026/checkpoint',
    '//v1/network',
    '/v1/network?%5b%5d=1',
  ])('answers GET %s with a clear 4xx', async (path) => {
    const { status } = await as('worker', 'GET', path);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  });

  it('refuses encodings, bodies on GET, method overrides and other types of content', async () => {
    const json = { 'content-type': 'application/json' };
    const send = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${server.address}/v1/receipts/withdrawals`, { method: 'POST', headers, body: '{}' });
    expect((await send({ ...json, 'content-encoding': 'gzip' })).status).toBe(400);
    expect((await send({ 'content-type': 'text/plain' })).status).toBe(400);
    expect((await send({ 'content-type': 'application/xml' })).status).toBe(400);
    expect((await send({ ...json, 'x-http-method-override': 'DELETE' })).status).toBe(400);
    expect(await spoken('GET /v1/network HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}')).toMatch(
      /^HTTP\/1\.1 400/,
    );
    for (const method of ['PUT', 'PATCH', 'DELETE', 'TRACE'])
      expect(await spoken(`${method} /v1/network HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)).toMatch(
        /^HTTP\/1\.1 4\d\d/,
      );
  });

  it('refuses a body that is too large, at once and also when its length is not told', async () => {
    const large = JSON.stringify({ ...sendExample, body: 'A'.repeat(300_000) });
    expect((await as('worker', 'POST', '/v1/referrals', large)).status).toBe(413);
    const chunk = `${(100_000).toString(16)}\r\n${'A'.repeat(100_000)}\r\n`;
    const head =
      'POST /v1/receipts/withdrawals HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
    expect(await spoken(head + chunk + chunk + chunk)).toMatch(/^HTTP\/1\.1 413/);
  });

  it('says nothing of what was sent', async () => {
    const answer = await as(
      'worker',
      'POST',
      '/v1/referrals',
      JSON.stringify({ ...sendExample, kind: 'secret-canary' }),
    );
    expect(answer.status).toBe(400);
    expect(answer.text).not.toContain('canary');
    expect(JSON.parse(answer.text)).toMatchObject({ type: '/problems/input_invalid', status: 400 });
    expect(server.output()).not.toContain('canary');
  });

  it('counts requests, equally for everybody', async () => {
    const response = await fetch(`${server.address}/v1/network`);
    expect(response.headers.get('ratelimit-policy')).toMatch(/^"default";q=\d+;w=60$/);
    expect(response.headers.get('ratelimit')).toMatch(/^"default";r=\d+;t=\d+$/);
  });

  /** Says raw bytes, as no client library would, and gives the first line of the answer. */
  function spoken(text: string): Promise<string> {
    const { port, hostname } = new URL(server.address);
    return new Promise((done, failed) => {
      const socket = connect(Number(port), hostname, () => socket.write(text));
      let heard = '';
      socket.on('data', (data) => {
        heard += data.toString();
        socket.destroy();
      });
      socket.on('close', () => done(heard));
      socket.on('error', failed);
      setTimeout(() => socket.destroy(), 5000).unref();
    });
  }
});

const COUNT = `SELECT (SELECT count(*) FROM referral)::int + (SELECT count(*) FROM invitation)::int
  + (SELECT count(*) FROM device)::int + (SELECT count(*) FROM key_grant)::int + (SELECT count(*) FROM registry_entry)::int AS n`;
