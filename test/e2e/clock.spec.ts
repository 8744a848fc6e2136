import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { acknowledge, getReferral } from '../../src/client/index.js';
import { Database } from '../../src/database/index.js';
import { Clock } from '../../src/server/referrals/erasing/clock.js';
import { Jobs } from '../../src/server/common/jobs.js';
import { asOwner, shiftClock } from '../support/machines/database.js';
import { inDays } from '../support/network/founders.js';
import { givenReferral, givenSend, postSend, storedOf, type SendChange } from '../support/network/makers.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

describe('the clock', () => {
  let server: FoundedServer;
  let database: Database;
  let clock: Clock;
  let today: string;

  beforeAll(async () => {
    server = await givenNetwork();
    database = new Database(server.urls);
    clock = new Clock(database, new Jobs());
    today = await server.network.laRuelle.worker.today();
  });
  afterEach(() => shiftClock(server.urls, '0 days'));
  afterAll(async () => {
    await database.close();
    await server.stop();
  });

  async function sent(change: SendChange): Promise<string> {
    const { body } = await givenSend(server.network, change);
    await postSend(server.network.laRuelle.worker, body);
    return body.referral;
  }

  async function after(interval: string): Promise<void> {
    await shiftClock(server.urls, interval);
    await clock.tick();
  }

  async function statusOf(referral: string): Promise<string> {
    const { status, statusReason } = await getReferral(server.network.laRuelle.worker, referral);
    return statusReason === null ? status : `${status}/${statusReason}`;
  }

  it('closes what nobody answered in time, by its priority', async () => {
    const stat = await sent({ priority: 'stat' });
    const urgent = await sent({ priority: 'urgent' });
    const routine = await sent({ given: { sendUntil: inDays(today, 30) } });
    await after('23 hours');
    expect(await statusOf(stat)).toBe('requested');
    await after('26 hours');
    expect(await statusOf(stat)).toBe('cancelled/no-response');
    expect(await statusOf(urgent)).toBe('requested');
    await after('74 hours');
    expect(await statusOf(urgent)).toBe('cancelled/no-response');
    expect(await statusOf(routine)).toBe('requested');
    await after('338 hours');
    expect(await statusOf(routine)).toBe('cancelled/no-response');
    for (const referral of [stat, urgent, routine]) {
      expect(await storedOf(server, referral)).toEqual({ handoffs: 0, wraps: 0, statements: 2 });
    }
  });

  it('closes a consent whose last day passed before anything was disclosed, and no other', async () => {
    const change = { given: { sendUntil: inDays(today, 2) } };
    const unopened = await sent(change);
    const opened = await sent(change);
    await acknowledge(server.network.clinique.worker, opened);
    await after('1 days');
    expect(await statusOf(unopened)).toBe('requested');
    await after('3 days');
    expect(await statusOf(unopened)).toBe('cancelled/consent-expired');
    expect(await statusOf(opened)).toBe('received');
    expect(await storedOf(server, unopened)).toMatchObject({ handoffs: 0, wraps: 0 });
    expect(await storedOf(server, opened)).toMatchObject({ handoffs: 1, wraps: 3 });
  });

  it('leaves alone what was accepted', async () => {
    const { referral } = await givenReferral(server, 'accepted');
    await after('40 days');
    expect(await statusOf(referral)).toBe('accepted');
  });

  it('erases content once the day that the person was told is past', async () => {
    const { referral } = await givenReferral(server, 'completed');
    await after('119 days');
    expect(await storedOf(server, referral)).toMatchObject({ handoffs: 1, wraps: 3 });
    await after('122 days');
    expect(await storedOf(server, referral)).toMatchObject({ handoffs: 0, wraps: 0 });
    expect(await statusOf(referral)).toBe('completed');
  });

  it('forgets the hour of what it closes', async () => {
    const referral = await sent({ priority: 'stat' });
    await after('26 hours');
    const [row] = await asOwner<{ sent: string; due: string | null }>(
      server.urls,
      `SELECT to_char(sent_at AT TIME ZONE 'UTC', 'HH24:MI:SS') AS sent, respond_by AS due FROM referral WHERE id = '${referral}'`,
    );
    expect(row).toEqual({ sent: '00:00:00', due: null });
  });

  it('goes on until all is done, however much there is', async () => {
    const { laRuelle, clinique } = server.network;
    await asOwner(
      server.urls,
      `WITH made AS (
         INSERT INTO referral (open, id, kind, source, target, to_key, priority, status, sent_at, respond_by, consent,
           consent_state, given_hash, head_hash, statements, last_day, send_until, keep_until, person_kid, read_kid, word_needed)
         SELECT n % 2 = 0, gen_random_uuid(), 'referral', '${laRuelle.service}', '${clinique.service}', sha256('k'), 'stat',
           CASE WHEN n % 2 = 0 THEN 'requested' ELSE 'completed' END, domain_now(), domain_now() - interval '1 hour',
           gen_random_uuid(), 'released', sha256('g'), sha256('h'), 2, domain_today(), domain_today(), domain_today() - 1,
           md5(n::text) || left(md5('k'), 11), left(encode(sha256(int4send(n)), 'hex'), 43), false
         FROM generate_series(1, 500) AS n RETURNING open, id
       ) INSERT INTO handoff (open, referral, ctx, body, person_box)
         SELECT open, id, 'c', 'b', decode(repeat('00', 1216), 'hex') FROM made`,
    );
    await new Clock(database, new Jobs()).tick();
    const [left] = await asOwner<{ open: number; sealed: number }>(
      server.urls,
      `SELECT (SELECT count(*)::int FROM referral_open WHERE respond_by < domain_now()) AS open,
         (SELECT count(*)::int FROM handoff WHERE body = 'b') AS sealed`,
    );
    expect(left).toEqual({ open: 0, sealed: 0 });
  });

  it('does the same work once, on however many processes it runs', async () => {
    const referrals: string[] = [];
    for (let i = 0; i < 6; i++) referrals.push(await sent({ priority: 'stat' }));
    await shiftClock(server.urls, '26 hours');
    await Promise.all(Array.from({ length: 6 }, () => new Clock(database, new Jobs()).tick()));
    for (const referral of referrals) expect(await statusOf(referral)).toBe('cancelled/no-response');
    await new Clock(database, new Jobs()).tick();
  });
});
