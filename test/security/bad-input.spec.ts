import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/protocol/encoding/bytes.js';
import type { RawAnswer, RawRequest } from '../support/requests/caller.js';
import { fingerprint } from '../support/machines/dump.js';
import { givenPrincipals, PRINCIPALS, type Principals, type Someone } from '../support/network/principals.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';
import { answerTo, head, speak, type Spoken } from '../support/machines/raw-socket.js';
import { givenRequests, rawRequest, type Requests } from '../support/requests/requests.js';
import { BODIES, CANARY, changesOf } from '../support/requests/wrong-bodies.js';
import matrix from './access-matrix.json' with { type: 'json' };

type Row = Readonly<Record<string, number>>;
const ROWS = Object.entries<Row>(matrix);
const POSTS = ROWS.filter(([route]) => route.startsWith('POST '));
const READS = ROWS.filter(([route]) => route.startsWith('GET '));
const ONE_EACH = ROWS.filter(([route]) => route.split(' ').length === 2);

const LIMIT = 192 * 1024;

/** Where whoever posts names something new, any other id is as right. */
const FREE_IDS: Readonly<Record<string, RegExp>> = {
  'POST /v1/attachments': /^(attachment|referral): "0{8}-/,
};

describe('bad input', () => {
  let server: FoundedServer;
  let principals: Principals;
  let requests: Requests;
  let unfinished: Readonly<Record<'headers' | 'body', Spoken>>;

  beforeAll(async () => {
    server = await givenNetwork();
    requests = await givenRequests(server);
    principals = await givenPrincipals(server);
    const start = head('POST /v1/receipts/withdrawals', JSON_OF(1000));
    unfinished = {
      headers: speak(server.address, `GET /v1/network HTTP/1.1\r\nHost: relais\r\nX: ${CANARY}`),
      body: speak(server.address, `${start}{"${CANARY}`),
    };
  });
  afterAll(() => server.stop());
  afterEach(() => expect(server.output()).not.toContain(CANARY));

  /** Who may, so that what is refused is the input. */
  function allowed(row: Row): Someone {
    const name = PRINCIPALS.find((each) => each in row) ?? ('devices' in row ? 'sender' : 'anybody');
    return principals[name];
  }

  async function goodRequest(route: string, row: Row): Promise<RawRequest> {
    return rawRequest(route, (await requests[route]?.(allowed(row))) ?? {});
  }

  async function requireRefused(row: Row, request: RawRequest, what: string): Promise<RawAnswer> {
    const headers = { ...request.headers, 'idempotency-key': newId() };
    const answer = await allowed(row).caller.send({ ...request, headers });
    const type = answer.headers.get('content-type') ?? '';
    const isToken = request.path === '/v1/token' && type.startsWith('application/json');
    if (answer.status < 400 || answer.status > 499) throw new Error(`${what} → ${answer.status}`);
    if (!isToken && request.method !== 'HEAD') expect(type).toMatch(/^application\/problem\+json/);
    expect(answer.text).not.toContain(CANARY);
    return answer;
  }

  describe.each(POSTS)('to %s', (route, row) => {
    it('is refused whole, and stores nothing: bodies that are no bodies', async () => {
      const good = await goodRequest(route, row);
      const before = await fingerprint(server.urls);
      for (const [name, body] of BODIES) await requireRefused(row, { ...good, body }, name);
      expect(await fingerprint(server.urls)).toEqual(before);
    });

    it('is refused whole, and stores nothing: members that are missing, unknown, twice, or something else', async () => {
      const good = await goodRequest(route, row);
      const before = await fingerprint(server.urls);
      const isWrong = ([name]: [string, string]): boolean => !FREE_IDS[route]?.test(name);
      for (const [name, body] of changesOf(String(good.body ?? '{}')).filter(isWrong))
        await requireRefused(row, { ...good, body }, name);
      expect(await fingerprint(server.urls)).toEqual(before);
    });

    it('is refused whole, and stores nothing: other encodings, types, methods, lengths', async () => {
      const good = { body: '{}', ...(await goodRequest(route, row)) };
      const before = await fingerprint(server.urls);
      for (const headers of [
        { 'content-encoding': 'gzip' },
        { 'content-encoding': CANARY },
        { 'content-type': 'text/plain' },
        { 'content-type': `application/${CANARY}` },
        { 'content-type': 'multipart/form-data; boundary=x' },
        { 'x-http-method-override': 'DELETE' },
      ])
        await requireRefused(
          row,
          { ...good, headers: { ...good.headers, ...headers } },
          JSON.stringify(headers),
        );
      const large = JSON.stringify({ [CANARY]: 'A'.repeat(LIMIT) });
      expect((await requireRefused(row, { ...good, body: large }, 'large')).status).toBe(413);
      const chunk = `10000\r\n${'A'.repeat(0x10000)}\r\n`;
      const chunked = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
      const told = await answerTo(server.address, head(`POST ${good.path}`, chunked) + chunk.repeat(4));
      expect(told).toMatch(/^HTTP\/1\.1 413/);
      expect(await fingerprint(server.urls)).toEqual(before);
    });

    it('leaves nothing behind when its sender goes away before the end', async () => {
      const { path, body = '{}', headers } = await goodRequest(route, row);
      const before = await fingerprint(server.urls);
      const text = String(body);
      for (const length of [text.length, text.length + 1]) {
        const credentials = await allowed(row).caller.credentials('POST', path);
        const all = { ...JSON_OF(length), ...headers, ...credentials };
        const { socket, heard } = speak(
          server.address,
          head(`POST ${path}`, all) + text.slice(0, length - 1),
        );
        socket.end();
        expect(await heard).not.toMatch(/^HTTP\/1\.1 [25]/);
      }
      expect(await fingerprint(server.urls)).toEqual(before);
    });
  });

  it.each(READS)('in the path or query of %s is refused', async (route, row) => {
    const good = await goodRequest(route, row);
    const { headers } = good;
    const path = good.path.split('?')[0] ?? '';
    const queries = [
      'a[b]=1',
      'a=1&a=2',
      '%5b%5d=1',
      '__proto__=1',
      'a.b=1',
      'a=%00',
      'a=%zz',
      '%00=1',
      '=1',
    ];
    for (const query of queries)
      await requireRefused(row, { ...good, path: `${path}?${query}&${CANARY}=1` }, query);
    for (const query of [
      'box=%ff',
      'limit=1e9',
      'limit=-1',
      'after=AAAA',
      `box=${CANARY}`,
      'from=-1',
      'from=1e3',
    ])
      if (/(referrals|proofs)$/.test(route))
        await requireRefused(row, { ...good, path: `${path}?${query}&box=${CANARY}` }, query);
    for (const param of route.match(/:\w+|\*/g) ?? [])
      for (const value of PARAMS) {
        const template = { params: { ...PLACES, [param.replace(':', '')]: value } };
        await requireRefused(
          row,
          { ...rawRequest(route, template), headers: headers ?? {} },
          `${param} ${value}`,
        );
      }
    for (const form of [
      `/${path}`,
      `${path}/`,
      `${path}%2f`,
      `${path}/%2e%2e%2f`,
      `${path};${CANARY}`,
      `${path}%00`,
    ])
      await requireRefused(row, { ...good, path: form }, form);
  });

  it.each(ONE_EACH)('by another method at %s is refused', async (route, row) => {
    const { path } = await goodRequest(route, row);
    const before = await fingerprint(server.urls);
    for (const method of ['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', CANARY.toUpperCase()]) {
      const answer = await answerTo(server.address, head(`${method} ${path}`));
      expect([method, answer]).toEqual([method, expect.stringMatching(/^HTTP\/1\.1 4\d\d[^]*problem\+json/)]);
    }
    const length = { 'content-type': 'application/json', 'content-length': 2 };
    if (route.startsWith('GET '))
      expect(await answerTo(server.address, `${head(`GET ${path}`, length)}{}`)).toMatch(/^HTTP\/1\.1 400/);
    expect(await fingerprint(server.urls)).toEqual(before);
  });

  it.each([
    ['no HTTP', `${CANARY}\r\n\r\n`, 400],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['a path that is no UTF-8', head('GET /v1/charter/versions/%ff'), 400],
    ['a path in raw bytes', Buffer.from(head('GET /v1/network/\xff\xfe'), 'latin1'), 400],
    ['a head without end', head('GET /v1/network', { [CANARY]: 'a'.repeat(20_000) }), 413],
    ['a NUL in a header', head('GET /v1/network', { x: `${CANARY}\u0000` }), 400],
    ['two lengths', head('POST /v1/token', { 'Content-Length': 1, 'content-length': 2 }), 400],
    [
      'length and chunks',
      head('POST /v1/token', { 'content-length': 3, 'transfer-encoding': 'chunked' }),
      400,
    ],
    ['a length below zero', head('POST /v1/token', { 'content-length': -1 }), 400],
    ['climbing', head('GET /v1/../v1/network'), 404],
    ['climbing in code', head('GET /v1/%2e%2e/v1/network'), 404],
    ['backslashes', head('GET /v1\\network'), 404],
    ['other letters', head('GET /V1/Network'), 404],
    ['a star', head('OPTIONS *'), 404],
  ])('answers %s with a problem and no word of it', async (_, bytes, status) => {
    const answer = await answerTo(server.address, bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*content-type: application/problem\\+json`));
    expect(answer).not.toMatch(new RegExp(`${CANARY}|%ff|%2e`));
  });

  it('counts requests, equally for everybody', async () => {
    const { headers } = await principals.anybody.caller.send({ method: 'GET', path: '/v1/network' });
    expect(headers.get('ratelimit-policy')).toMatch(/^"default";q=\d+;w=60$/);
    expect(headers.get('ratelimit')).toMatch(/^"default";r=\d+;t=\d+$/);
  });

  it('keeps nobody else waiting while sixty others say nothing', async () => {
    const silent = Array.from({ length: 60 }, () => speak(server.address, 'POST /v1/token HTTP/1.1\r\n'));
    const { status } = await principals.sender.caller.get('/v1/services');
    expect(status).toBe(200);
    for (const { socket } of silent) socket.destroy();
  });

  it('closes the line to whoever never finishes', async () => {
    for (const { heard } of Object.values(unfinished))
      expect(await heard).toMatch(/^HTTP\/1\.1 400 [^]*problem\+json/);
  });
});

function JSON_OF(length: number) {
  return { 'content-type': 'application/json', 'content-length': length };
}

/** What a path needs, right but for the one that is tried. */
const PLACES = {
  id: '00000000-0000-4000-8000-000000000000',
  kind: 'registry',
  year: '2026',
  version: '1',
  number: '0',
  code: 'wrong_state',
  notice: 'refer@1',
  language: 'fr',
  name: 'charter',
  '*': '0/000',
};
const PARAMS = [
  CANARY,
  '%00',
  '%ff',
  '%zz',
  '..%2f..%2fetc',
  '..',
  '-1',
  '2147483648',
  '1e300',
  '99999999999999999999',
  '__proto__',
  'constructor',
  '1%27%20OR%201=1',
  '%F0%9F%98%80',
  'a'.repeat(500),
  '00000000-0000-0000-0000-00000000000G',
  '{00000000-0000-0000-0000-000000000000}',
];
