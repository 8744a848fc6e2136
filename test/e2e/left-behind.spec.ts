import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  acknowledge,
  act,
  carryOverToCurrentEpoch,
  Device,
  getReferral,
  maintainKeys,
  openReferral,
  revokeDevice,
} from '../../src/client/index.js';
import { Database } from '../../src/database/index.js';
import { Jobs } from '../../src/server/common/jobs.js';
import { Clock } from '../../src/server/referrals/erasing/clock.js';
import { asOwner, shiftClock, until } from '../support/machines/database.js';
import { givenReferral, outcomesOf, storedOf } from '../support/network/makers.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';
import { addDevice, stateOf } from '../support/network/staff.js';

/** Whoever goes, device, worker or organisation: no referral waits for them for ever. */
describe('a referral whose service loses', () => {
  let server: FoundedServer;
  let database: Database;
  let clock: Clock;

  beforeAll(async () => {
    server = await givenNetwork();
    database = new Database(server.urls);
    clock = new Clock(database, new Jobs());
  });
  afterEach(async () => {
    await shiftClock(server.urls, '0 days');
    await asOwner(server.urls, "UPDATE organisation SET status = 'active'");
  });
  afterAll(async () => {
    await database.close();
    await server.stop();
  });

  const sender = () => server.network.laRuelle.worker;
  const receiver = () => server.network.clinique.worker;

  async function suspend(side: 'laRuelle' | 'clinique'): Promise<void> {
    const { id } = server.network[side].founder.public;
    await asOwner(server.urls, `UPDATE organisation SET status = 'suspended' WHERE id = '${id}'`);
  }

  async function refused(call: Promise<unknown>): Promise<boolean> {
    return (await outcomesOf([call])).taken === 0;
  }

  it.each(['requested', 'received', 'accepted', 'in-progress', 'on-hold'] as const)(
    'its organisation, when %s, is recalled by the source or withdrawn by the person',
    async (stage) => {
      const [recalled, withdrawn] = [await givenReferral(server, stage), await givenReferral(server, stage)];
      await suspend('clinique');
      expect(await refused(act(receiver(), recalled.referral, { event: 'accept' }))).toBe(true);
      const recall = { event: 'recall', statusReason: 'need-met-elsewhere' } as const;
      expect(await act(sender(), recalled.referral, recall)).toMatchObject({ status: 'cancelled' });
      expect(await withdrawn.receipt.withdraw()).toMatchObject({ status: 'cancelled' });
      for (const { referral } of [recalled, withdrawn])
        expect(await storedOf(server, referral)).toMatchObject({ handoffs: 0, wraps: 0 });
    },
  );

  it('the source’s organisation, is finished by its target, withdrawn by the person, or lapses', async () => {
    const accepted = await givenReferral(server, 'accepted');
    const requested = await givenReferral(server);
    const withdrawn = await givenReferral(server, 'in-progress');
    await suspend('laRuelle');
    expect(await refused(getReferral(sender(), accepted.referral))).toBe(true);
    const complete = { event: 'complete', outcome: 'service-provided' } as const;
    expect(await act(receiver(), accepted.referral, complete)).toMatchObject({ status: 'completed' });
    expect(await withdrawn.receipt.withdraw()).toMatchObject({ status: 'cancelled' });
    await shiftClock(server.urls, '16 days');
    await clock.tick();
    expect((await getReferral(receiver(), requested.referral)).status).toBe('cancelled');
  });

  it('everybody, keeps no content beyond its day, and in the end no row', async () => {
    const accepted = await givenReferral(server, 'accepted');
    const completed = await givenReferral(server, 'completed');
    const unplaced =
      'SELECT count(*)::int AS n FROM statement s WHERE NOT EXISTS (SELECT FROM log_position p WHERE p.pending = s.pending)';
    await until(async () => (await asOwner<{ n: number }>(server.urls, unplaced))[0]?.n === 0);
    await suspend('laRuelle');
    await suspend('clinique');
    await shiftClock(server.urls, '122 days');
    await clock.tick();
    const rows = async () =>
      asOwner<{ id: string }>(
        server.urls,
        `SELECT id FROM referral WHERE id IN ('${accepted.referral}', '${completed.referral}')`,
      );
    for (const { referral } of [accepted, completed])
      expect(await storedOf(server, referral)).toEqual({ handoffs: 0, wraps: 0, statements: 3 });
    expect(await rows()).toHaveLength(2);
    await shiftClock(server.urls, '367 days');
    await clock.tick();
    expect((await rows()).map(({ id }) => id)).toEqual([accepted.referral]);
    await shiftClock(server.urls, '487 days');
    await clock.tick();
    expect(await rows()).toEqual([]);
    // statements prove consent and withdrawal for longer than the row says where it stood
    for (const { referral } of [accepted, completed])
      expect((await storedOf(server, referral)).statements).toBe(3);
    const placed =
      'SELECT count(*)::int AS n FROM log_position p WHERE NOT EXISTS (SELECT FROM statement s WHERE s.pending = p.pending)';
    const [before] = await asOwner<{ n: number }>(server.urls, placed);
    await shiftClock(server.urls, '1220 days');
    await clock.tick();
    for (const { referral } of [accepted, completed])
      expect((await storedOf(server, referral)).statements).toBe(0);
    expect((await asOwner<{ n: number }>(server.urls, placed))[0]).toEqual(before);
  });

  it('its only worker’s device, is handed to another, and carried over to the new key', async () => {
    const [received, requested] = [await givenReferral(server, 'received'), await givenReferral(server)];
    const { coordinator, worker, service } = server.network.clinique;
    await revokeDevice(coordinator, { device: worker.state.device, services: [service] });
    expect(await refused(act(worker, received.referral, { event: 'accept' }))).toBe(true);

    const added = await addDevice(coordinator, service);
    await maintainKeys(coordinator);
    const other = await Device.start(stateOf(added, worker.state));
    await other.takeGrants();
    await acknowledge(other, requested.referral);
    for (const { referral } of [received, requested]) {
      expect((await openReferral(other, referral)).record['calledName']).toBe('Sam');
      expect(await carryOverToCurrentEpoch(other, referral)).toBe(true);
      const wraps = await asOwner<{ kept: boolean }>(
        server.urls,
        `SELECT wrap IS NOT NULL AS kept FROM handoff_wrap WHERE referral = '${referral}' AND role = 1`,
      );
      expect(wraps).toEqual([{ kept: false }]);
      expect((await openReferral(other, referral)).record['calledName']).toBe('Sam');
      expect((await openReferral(sender(), referral)).record['calledName']).toBe('Sam');
      expect(await carryOverToCurrentEpoch(other, referral)).toBe(false);
    }
    await act(other, received.referral, { event: 'accept' });
    await act(other, received.referral, { event: 'complete', outcome: 'service-provided' });
    expect((await openReferral(other, received.referral)).record['calledName']).toBe('Sam');
    await received.receipt.withdraw();
    const [left] = await asOwner<{ n: number }>(
      server.urls,
      `SELECT count(*)::int AS n FROM carried_over WHERE referral = '${received.referral}'`,
    );
    expect(left?.n).toBe(0);
  });
});
