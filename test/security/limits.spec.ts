import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Fastify, { type FastifyInstance } from 'fastify';
import { addRequestStage } from '../../src/server/common/http/request-stage.js';
import { givenServerProcess, type ServerProcess } from '../support/machines/process.js';
import { THIS_YEAR } from '../support/log/this-year.js';

const MOST = 5;
const PROXY = '10.0.0.1';

describe('the limit on requests', () => {
  let server: ServerProcess;

  beforeAll(async () => {
    server = await givenServerProcess(undefined, {
      RELAIS_REQUESTS_PER_MINUTE: String(MOST),
      RELAIS_PROXIES: PROXY,
    });
  });
  afterAll(() => server.stop());

  /** Statuses of so many requests that a proxy on this machine passes on. */
  async function statuses(times: number, forwardedFor: (n: number) => string, path = '/v1/network') {
    const found: number[] = [];
    for (let n = 0; n < times; n++) {
      const headers = { 'x-forwarded-for': forwardedFor(n) };
      found.push((await fetch(server.address + path, { headers })).status);
    }
    return found;
  }
  const full = [...Array<number>(MOST).fill(200), 429];

  it('is each client’s own behind a proxy on this machine', async () => {
    expect(await statuses(MOST + 1, () => '203.0.113.1')).toEqual(full);
    expect(await statuses(1, () => '203.0.113.2')).toEqual([200]);
  });

  it('is not escaped by a header that a client forges before its proxy adds the true one', async () => {
    expect(await statuses(MOST + 1, (n) => `192.0.2.${n}, 203.0.113.3`)).toEqual(full);
  });

  it('believes a proxy of another machine only where the settings name it', async () => {
    expect(await statuses(MOST + 1, (n) => `192.0.2.${n}, ${PROXY}`)).toEqual(Array(MOST + 1).fill(200));
    expect(await statuses(MOST + 1, (n) => `192.0.2.${n}, 10.0.0.2`)).toEqual(full);
  });

  it('counts the public log apart, and says when to go on', async () => {
    const here = '203.0.113.5';
    const path = `/log/registry/${THIS_YEAR}/cosignatures`;
    expect(await statuses(MOST + 1, () => here)).toEqual(full);
    expect(await statuses(10 * MOST, () => here, path)).toEqual(Array(10 * MOST).fill(200));
    const refused = await fetch(server.address + path, { headers: { 'x-forwarded-for': here } });
    expect([refused.status, refused.headers.get('ratelimit-policy')]).toEqual([
      429,
      `"log";q=${10 * MOST};w=60`,
    ]);
    const seconds = Number(refused.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
  });

  it('leaves a person’s receipt and withdrawal their own, whatever else their address has asked', async () => {
    const here = '203.0.113.4';
    expect(await statuses(MOST + 1, () => here)).toEqual(full);
    expect(await statuses(MOST + 1, () => here, '/v1/receipt')).toEqual([
      ...Array<number>(MOST).fill(401),
      429,
    ]);
    const withdraw = () =>
      fetch(`${server.address}/v1/receipts/withdrawals`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': here },
        body: '{}',
      });
    for (let n = 0; n < MOST; n++) expect((await withdraw()).status).toBe(400);
    expect((await withdraw()).headers.get('ratelimit-policy')).toBe(`"withdrawals";q=${MOST};w=60`);
    expect((await withdraw()).status).toBe(429);
  });
});

describe('a header from outside', () => {
  let fastify: FastifyInstance;

  beforeAll(async () => {
    fastify = Fastify({ trustProxy: ['loopback'] });
    addRequestStage(fastify, MOST, { waiting: () => 0, refusal: () => undefined });
    fastify.setErrorHandler((_, __, reply) => reply.status(429).send());
    fastify.get('/', () => '');
    // no packet leaves this machine, so the peer of another one is pretended
    fastify.server.on('connection', (socket) =>
      Object.defineProperty(socket, 'remoteAddress', { value: '198.51.100.7' }),
    );
    await fastify.listen({ host: '127.0.0.1', port: 0 });
  });
  afterAll(() => fastify.close());

  it('changes nothing where no proxy stands between', async () => {
    const found: number[] = [];
    for (let n = 0; n < MOST + 1; n++) {
      const headers = { 'x-forwarded-for': `192.0.2.${n}` };
      found.push((await fetch(fastify.listeningOrigin, { headers })).status);
    }
    expect(found).toEqual([...Array<number>(MOST).fill(200), 429]);
  });
});
