import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { connectionOptions } from '../../src/database/index.js';
import { newId } from '../../src/protocol/encoding/bytes.js';
import { Caller, type RawAnswer } from '../support/requests/caller.js';
import { asOwner } from '../support/machines/database.js';
import { givenReferral, givenSend } from '../support/network/makers.js';
import { givenNetwork, type FoundedServer, type ServerProcess } from '../support/machines/process.js';

const ROUNDS = Number(process.env['RELAIS_TEST_ROUNDS'] ?? 8);
const DECLINE = { event: 'decline', statusReason: 'no-capacity' };

/** Two processes on one database, and whoever repeats a request does so at either. */
describe('an Idempotency-Key', () => {
  let server: FoundedServer;
  let replica: ServerProcess;
  let sender: Caller;
  let receiver: Caller;

  beforeAll(async () => {
    server = await givenNetwork();
    replica = await server.replica();
    sender = await Caller.of(server.network.laRuelle.worker.state);
    receiver = await Caller.of(server.network.clinique.worker.state);
    for (const caller of [sender, receiver]) expect(await caller.authenticate()).toBe(200);
  });
  afterAll(async () => {
    await replica.kill();
    await server.stop();
  });

  async function givenDecline(): Promise<string> {
    const { referral } = await givenReferral(server);
    return `/v1/referrals/${referral}/transitions`;
  }

  function post(caller: Caller, path: string, body: object, key: string): Promise<RawAnswer> {
    const headers = { 'idempotency-key': key };
    return caller.send({ method: 'POST', path, body: JSON.stringify(body), headers });
  }

  it('gives the same bytes to the same request, however many at once, on either process', async () => {
    const there = receiver.at(replica.address);
    for (let round = 0; round < ROUNDS; round++) {
      const [path, key] = [await givenDecline(), newId()];
      const doors = [receiver, there, receiver, there];
      const answers = await Promise.all(doors.map((door) => post(door, path, DECLINE, key)));
      const refused = answers.filter(({ status }) => status !== 200);
      expect(refused.map(({ text }) => text).filter((text) => !text.includes('in_progress'))).toEqual([]);
      const given = await Promise.all(doors.map((door) => post(door, path, DECLINE, key)));
      const texts = [...answers, ...given].filter(({ status }) => status === 200).map(({ text }) => text);
      expect(texts.length).toBeGreaterThan(given.length);
      expect(new Set(texts).size).toBe(1);
    }
  });

  it('refuses another body, and another referral', async () => {
    const [path, other, key] = [await givenDecline(), await givenDecline(), newId()];
    expect((await post(receiver, path, DECLINE, key)).status).toBe(200);
    for (const [where, body] of [
      [path, { ...DECLINE, statusReason: 'duplicate' }],
      [other, DECLINE],
    ] as const) {
      for (const door of [receiver, receiver.at(replica.address)]) {
        const { status, text } = await post(door, where, body, key);
        expect([status, JSON.parse(text)]).toMatchObject([422, { type: '/problems/idempotency_conflict' }]);
      }
    }
  });

  it('belongs to one device and one route', async () => {
    const key = newId();
    const { body } = await givenSend(server.network);
    expect((await post(sender, '/v1/referrals', body, key)).status).toBe(201);
    expect((await post(receiver, await givenDecline(), DECLINE, key)).status).toBe(200);
    const recall = { event: 'recall', statusReason: 'sent-by-mistake' };
    expect((await post(sender, await givenDecline(), recall, key)).status).toBe(200);
  });

  it('answers 409 while the first request is at work, on either process, and then the same', async () => {
    const [path, key] = [await givenDecline(), newId()];
    const holder = await holdReferral(server, path.split('/')[3] ?? '');
    const first = post(receiver, path, DECLINE, key);
    try {
      await untilWaitedFor(holder);
      for (const door of [receiver, receiver.at(replica.address)]) {
        const { status, text, headers } = await post(door, path, DECLINE, key);
        expect([status, JSON.parse(text)]).toMatchObject([409, { type: '/problems/in_progress' }]);
        expect(headers.get('retry-after')).toBe('1');
      }
    } finally {
      await holder.end();
    }
    const { status, text } = await first;
    expect(status).toBe(200);
    expect((await post(receiver.at(replica.address), path, DECLINE, key)).text).toBe(text);
  });

  it('is kept when the process that answered is killed', async () => {
    const doomed = await server.replica();
    const { body } = await givenSend(server.network);
    const key = newId();
    const { status, text } = await post(sender.at(doomed.address), '/v1/referrals', body, key);
    expect(status).toBe(201);
    await doomed.kill();
    for (const door of [sender, sender.at(replica.address)])
      expect(await post(door, '/v1/referrals', body, key)).toMatchObject({ status: 201, text });
  });

  it('makes one referral of each request that a killed process was working on', async () => {
    const doomed = await server.replica();
    const there = sender.at(doomed.address);
    const sends = await Promise.all(Array.from({ length: 24 }, () => givenSend(server.network)));
    const told = new Map<string, string>();
    const asked = sends.map(async ({ body }) => {
      const { text } = await post(there, '/v1/referrals', body, body.referral);
      if (told.set(body.referral, text).size === 4) await doomed.kill();
    });
    await Promise.allSettled(asked);
    for (const { body } of sends) {
      const again = await post(sender, '/v1/referrals', body, body.referral);
      expect(again.status).toBe(201);
      expect(again.text).toBe(told.get(body.referral) ?? again.text);
    }
    const ids = sends.map(({ body }) => `'${body.referral}'`).join();
    const [row] = await asOwner<{ n: number }>(
      server.urls,
      `SELECT count(*)::int AS n FROM statement WHERE referral IN (${ids})`,
    );
    expect(row?.n).toBe(2 * sends.length);
  });
});

/** Keeps everybody else from changing a referral until it ends. */
async function holdReferral({ urls }: FoundedServer, referral: string): Promise<pg.Client> {
  const holder = new pg.Client(connectionOptions(urls.owner));
  await holder.connect();
  await holder.query('BEGIN');
  await holder.query('SELECT FROM referral WHERE id = $1 FOR UPDATE', [referral]);
  return holder;
}

async function untilWaitedFor(holder: pg.Client): Promise<void> {
  const waiting = `SELECT FROM pg_locks held JOIN pg_locks wanted USING (transactionid)
    WHERE held.pid = pg_backend_pid() AND NOT wanted.granted`;
  while ((await holder.query(waiting)).rowCount === 0) await new Promise((done) => setTimeout(done, 20));
}
