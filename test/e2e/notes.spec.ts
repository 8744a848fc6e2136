import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { act, getReferral } from '../../src/client/index.js';
import { Database } from '../../src/database/index.js';
import { Jobs } from '../../src/server/common/jobs.js';
import { Clock } from '../../src/server/referrals/erasing/clock.js';
import { asOwner, shiftClock } from '../support/machines/database.js';
import { inDays } from '../support/network/founders.js';
import { givenReferral, givenSend, outcomesOf, postSend } from '../support/network/makers.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

describe('what changes no state', () => {
  let server: FoundedServer;
  let database: Database;
  let clock: Clock;

  beforeAll(async () => {
    server = await givenNetwork();
    database = new Database(server.urls);
    clock = new Clock(database, new Jobs());
  });
  afterEach(() => shiftClock(server.urls, '0 days'));
  afterAll(async () => {
    await database.close();
    await server.stop();
  });

  const sender = () => server.network.laRuelle.worker;
  const receiver = () => server.network.clinique.worker;

  async function refusal(call: Promise<unknown>): Promise<string | undefined> {
    return (await outcomesOf([call])).refused[0];
  }

  describe('the deadline', () => {
    async function sent(priority: string): Promise<string> {
      const { body } = await givenSend(server.network, { priority });
      return (await postSend(sender(), body)).referral;
    }
    async function hoursLeft(referral: string): Promise<number> {
      const [row] = await asOwner<{ hours: number }>(
        server.urls,
        `SELECT extract(epoch FROM respond_by - domain_now())::float / 3600 AS hours FROM referral WHERE id = '${referral}'`,
      );
      return row?.hours ?? NaN;
    }

    it('is paused once by a question, and runs on from the answer', async () => {
      const { referral } = await givenReferral(server, 'received');
      const before = await hoursLeft(referral);
      await shiftClock(server.urls, '48 hours');
      const asked = await act(receiver(), referral, { event: 'request-info' });
      expect(asked).toMatchObject({ status: 'received', businessStatus: 'info-requested' });
      await shiftClock(server.urls, '200 hours');
      expect(await act(sender(), referral, { event: 'provide-info' })).toMatchObject({
        businessStatus: null,
      });
      expect(Math.abs((await hoursLeft(referral)) - (before - 48))).toBeLessThan(2);
      const due = (await getReferral(sender(), referral)).respondBy;
      await act(receiver(), referral, { event: 'request-info' });
      await act(sender(), referral, { event: 'provide-info' });
      expect((await getReferral(sender(), referral)).respondBy).toBe(due);
    });

    it('comes even if nobody ever answers the question', async () => {
      const { referral } = await givenReferral(server, 'received');
      await act(receiver(), referral, { event: 'request-info' });
      await shiftClock(server.urls, '400 hours');
      await clock.tick();
      expect((await getReferral(sender(), referral)).status).toBe('received');
      await shiftClock(server.urls, '675 hours');
      await clock.tick();
      expect(await getReferral(sender(), referral)).toMatchObject({
        status: 'cancelled',
        statusReason: 'no-response',
        businessStatus: null,
      });
    });

    it('is extended by the source, by the time of its priority and not past the last day', async () => {
      const referral = await sent('stat');
      const before = await hoursLeft(referral);
      await act(sender(), referral, { event: 'extend-deadline' });
      expect(Math.abs((await hoursLeft(referral)) - before - 24)).toBeLessThan(0.1);
      expect(await refusal(act(receiver(), referral, { event: 'extend-deadline' }))).toBe('wrong_state');
      const short = await givenSend(server.network, {
        given: { sendUntil: inDays(await sender().today(), 2), keepUntil: inDays(await sender().today(), 2) },
      });
      await postSend(sender(), short.body);
      expect(await refusal(act(sender(), short.body.referral, { event: 'extend-deadline' }))).toBe(
        'wrong_state',
      );
    });

    it('is told once when it is near, and again after it was moved', async () => {
      const referral = await sent('urgent');
      await clock.tick();
      expect((await getReferral(receiver(), referral)).dueSoon).toBe(false);
      await shiftClock(server.urls, '50 hours');
      await clock.tick();
      expect((await getReferral(receiver(), referral)).dueSoon).toBe(true);
      await act(sender(), referral, { event: 'extend-deadline' });
      expect((await getReferral(receiver(), referral)).dueSoon).toBe(false);
    });

    it('is reminded of by the source, once a day', async () => {
      const referral = await sent('routine');
      const reminders = [0, 1, 2, 3].map(() => act(sender(), referral, { event: 'reminder' }));
      expect(await outcomesOf(reminders)).toEqual({ taken: 1, refused: Array(3).fill('wrong_state') });
      expect((await getReferral(receiver(), referral)).remindedAt).toMatch(/T\d\d:00:00Z$/);
      await shiftClock(server.urls, '25 hours');
      await act(sender(), referral, { event: 'reminder' });
    });
  });

  describe('an appointment', () => {
    it('is a code inside the state, without a date or a place', async () => {
      const { referral } = await givenReferral(server, 'accepted');
      for (const businessStatus of [
        'appointment-set',
        'did-not-attend',
        'appointment-set',
        'appointment-kept',
      ]) {
        const said = await act(receiver(), referral, { event: 'business-status', businessStatus });
        expect(said).toMatchObject({ status: 'accepted', businessStatus });
      }
      await act(receiver(), referral, { event: 'start' });
      expect((await getReferral(sender(), referral)).businessStatus).toBe('appointment-kept');
      await act(receiver(), referral, { event: 'complete', outcome: 'service-provided' });
      expect((await getReferral(sender(), referral)).businessStatus).toBeNull();
    });

    it.each([
      ['no code', {}],
      ['a code of no list', { businessStatus: 'at-ten' }],
      ['what only a question says', { businessStatus: 'info-requested' }],
      ['a reason as well', { businessStatus: 'appointment-set', statusReason: 'no-capacity' }],
    ])('is refused with %s', async (_, said) => {
      const { referral } = await givenReferral(server, 'accepted');
      expect(await refusal(act(receiver(), referral, { event: 'business-status', ...said }))).toBe(
        'reason_required',
      );
    });
  });
});
