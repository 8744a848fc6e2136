import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { act, acknowledge } from '../../src/client/index.js';
import { newId } from '../../src/protocol/encoding/bytes.js';
import { asOwner, shiftClock, until } from '../support/machines/database.js';
import { Listener, type Received } from '../support/machines/listener.js';
import { givenReferral, post } from '../support/network/makers.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

jest.setTimeout(60_000);

interface Made {
  readonly webhook: string;
  readonly secret: string;
  readonly publicKey: string;
}

interface Shown {
  readonly webhook: string;
  readonly url: string;
  readonly status: string;
  readonly failedOn: string | null;
}

describe('a webhook', () => {
  let server: FoundedServer;
  let listener: Listener;

  beforeAll(async () => {
    server = await givenNetwork();
    listener = await Listener.at();
  });
  afterEach(async () => {
    await asOwner(server.urls, 'DELETE FROM webhook');
    await shiftClock(server.urls, '0 days');
    listener.close();
    listener = await Listener.at();
  });
  afterAll(async () => {
    listener.close();
    await server.stop();
  });

  const clinique = () => server.network.clinique;

  async function register(url = listener.url, key?: string): Promise<Made> {
    return post<Made>(clinique().coordinator, '/v1/webhooks', { service: clinique().service, url }, key);
  }

  async function list(): Promise<Shown[]> {
    const call = { method: 'GET', path: '/v1/webhooks' } as const;
    return (await clinique().coordinator.session.json<{ items: Shown[] }>(call)).items;
  }

  function bodyOf({ body }: Received) {
    return JSON.parse(body) as { type: string; timestamp: string; data: Record<string, string> };
  }

  it('tells of each event once, in order, signed, and thin', async () => {
    const { secret } = await register();
    const { referral } = await givenReferral(server, 'accepted');
    const received = await listener.hasReceived(3);
    for (const { body, headers } of received) {
      const signed = headers as Record<string, string>;
      expect(new Webhook(secret).verify(body, signed)).toEqual(JSON.parse(body));
      expect(headers).toMatchObject({ 'content-type': 'application/json', 'user-agent': 'Relais' });
    }
    expect(received.map(bodyOf)).toEqual(
      ['referral.requested', 'referral.status', 'referral.status'].map((type, i) => ({
        type,
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:00:00Z$/),
        data: { id: received[i]?.headers['webhook-id'], service: clinique().service, referral },
      })),
    );
    expect((await list())[0]).toMatchObject({ url: listener.url, status: 'working', failedOn: null });
  });

  it('shows its secret once, and again only to the same request; the database has neither that nor the address', async () => {
    const key = newId();
    const made = await register(listener.url, key);
    expect(made.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(made.publicKey).toMatch(/^whpk_[A-Za-z0-9+/]{43}=$/);
    expect(await register(listener.url, key)).toEqual(made);
    expect(JSON.stringify(await list())).not.toContain('whsec_');
    const rows = await asOwner<{ line: string }>(
      server.urls,
      'SELECT t::text AS line FROM webhook t UNION ALL SELECT t::text FROM idempotency t',
    );
    const secret = Buffer.from(made.secret.slice(6), 'base64');
    for (const { line } of rows)
      for (const text of [
        made.secret.slice(6),
        secret.toString('hex'),
        'http://127',
        Buffer.from('http://127').toString('hex'),
      ])
        expect(line).not.toContain(text);
  });

  it('tries again after refusals, with the same id, and then goes on in order', async () => {
    await register();
    let refusals = 2;
    listener.answer = (response) => void response.writeHead(refusals-- > 0 ? 500 : 200).end();
    const { referral } = await givenReferral(server, 'received');
    await listener.hasReceived(1);
    await until(async () => (await list())[0]?.status === 'failing');
    await shiftClock(server.urls, '10 minutes');
    await listener.hasReceived(2);
    await shiftClock(server.urls, '30 minutes');
    const received = await listener.hasReceived(4);
    const ids = received.map(({ headers }) => headers['webhook-id']);
    expect([ids[0], ids[1], new Set(ids).size]).toEqual([ids[2], ids[2], 2]);
    expect(received.map(bodyOf).map(({ type, data }) => [type, data['referral']])).toEqual([
      ...Array<string[]>(3).fill(['referral.requested', referral]),
      ['referral.status', referral],
    ]);
    await until(async () => (await list())[0]?.status === 'working');
  });

  it('waits longer each time, and not in step with others', async () => {
    listener.answer = (response) => void response.writeHead(500).end();
    for (let i = 0; i < 5; i++) await register();
    const waits = async (): Promise<number[]> => {
      const rows = await asOwner<{ seconds: number }>(
        server.urls,
        `SELECT extract(epoch FROM due_at - domain_now())::float AS seconds FROM webhook WHERE failing_since IS NOT NULL`,
      );
      return rows.map(({ seconds }) => seconds);
    };
    await givenReferral(server);
    await listener.hasReceived(5);
    await until(async () => (await waits()).length === 5);
    const first = await waits();
    await asOwner(server.urls, 'UPDATE webhook SET attempts = 4, due_at = domain_now()');
    await listener.hasReceived(10);
    await until(async () => Math.min(...(await waits())) > 60);
    expect(new Set(first).size).toBe(5);
    expect(Math.max(...first)).toBeLessThan(10);
    expect(Math.min(...(await waits()))).toBeGreaterThan(600);
  });

  it('is given up after three days in which nothing was taken, says so, and sends no more', async () => {
    await register();
    listener.answer = (response) => void response.writeHead(503).end();
    await givenReferral(server);
    for (let hours = 0, tries = 1; (await list())[0]?.status !== 'failed'; hours += 20, tries++) {
      await listener.hasReceived(tries);
      expect(hours).toBeLessThan(120);
      await until(async () => ['failing', 'failed'].includes((await list())[0]?.status ?? ''));
      await shiftClock(server.urls, `${hours + 20} hours`);
      await until(async () => listener.received.length > tries || (await list())[0]?.status === 'failed');
    }
    const [shown] = await list();
    expect(shown?.failedOn).toMatch(/^\d{4}-\d\d-\d\d$/);
    const { length } = listener.received;
    expect(length).toBeGreaterThan(3);
    await givenReferral(server);
    await new Promise((done) => setTimeout(done, 1_000));
    expect(listener.received).toHaveLength(length);
  });

  it('is given up at once by a receiver that says it is gone', async () => {
    await register();
    listener.answer = (response) => void response.writeHead(410).end();
    await givenReferral(server);
    await until(async () => (await list())[0]?.status === 'failed');
  });

  it('tells again what was being told when the server was killed, and loses nothing', async () => {
    await register();
    listener.answer = () => undefined;
    const { referral } = await givenReferral(server, 'received');
    const [first] = await listener.hasReceived(1);
    await server.kill();
    listener.answer = (response) => void response.writeHead(200).end();
    server = { ...(await server.again()), network: server.network };
    await shiftClock(server.urls, '2 minutes');
    const received = await listener.hasReceived(3);
    expect(received[1]?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(
      received
        .slice(1)
        .map(bodyOf)
        .map(({ type, data }) => [type, data['referral']]),
    ).toEqual([
      ['referral.requested', referral],
      ['referral.status', referral],
    ]);
  });

  it('is told once by however many processes there are', async () => {
    const replicas = [await server.replica(), await server.replica()];
    await register();
    const sent: string[] = [];
    for (let i = 0; i < 6; i++) sent.push((await givenReferral(server)).referral);
    await listener.hasReceived(6);
    await new Promise((done) => setTimeout(done, 500));
    expect(listener.received.map(bodyOf).map(({ data }) => data['referral'])).toEqual(sent);
    for (const replica of replicas) await replica.kill();
  });

  it('goes on beside another that does not answer', async () => {
    const mute = await Listener.at();
    mute.answer = () => undefined;
    await register(mute.url);
    await register();
    await givenReferral(server);
    await mute.hasReceived(1);
    await listener.hasReceived(1);
    mute.close();
  });

  it('is removed, and hears nothing more', async () => {
    const { webhook } = await register();
    expect(await post(clinique().coordinator, '/v1/webhooks/removals', { webhook })).toEqual({ webhook });
    expect(await list()).toEqual([]);
    const { referral } = await givenReferral(server);
    await acknowledge(clinique().worker, referral);
    await act(clinique().worker, referral, { event: 'accept' });
    expect(listener.connections).toBe(0);
  });

  it('is its organisation’s alone', async () => {
    const { webhook } = await register();
    const { coordinator } = server.network.laRuelle;
    const attempts = [
      () => post(coordinator, '/v1/webhooks', { service: clinique().service, url: listener.url }),
      () => post(coordinator, '/v1/webhooks', { service: newId(), url: listener.url }),
      () => post(coordinator, '/v1/webhooks/removals', { webhook }),
      () => post(clinique().worker, '/v1/webhooks', { service: clinique().service, url: listener.url }),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ code: 'not_found' });
    const call = { method: 'GET', path: '/v1/webhooks' } as const;
    expect(await coordinator.session.json(call)).toEqual({ items: [] });
  });

  it('is one of ten at most', async () => {
    for (let i = 0; i < 10; i++) await register();
    await expect(register()).rejects.toMatchObject({ code: 'wrong_state' });
  });
});
