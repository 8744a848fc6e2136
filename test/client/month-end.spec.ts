import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  acknowledge,
  certifyRequests,
  Device,
  invite,
  Joining,
  listServices,
  maintainKeys,
  openReferral,
  Receipt,
  sendMessage,
  sendReferral,
  withdrawOnRequest,
} from '../../src/client/index.js';
import { referSomebody } from '../../src/cli/demo/referral.js';
import type { DemoNetwork, DemoOrganisation } from '../../src/cli/demo/network.js';
import { monthOf } from '../../src/client/device/days.js';
import { sealDraft } from '../support/network/drafts.js';
import { givenDatabase, shiftClock } from '../support/machines/database.js';
import { deceived } from '../support/machines/liar.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

const DAY_MS = 86_400_000;

/**
 * Whichever day a device believes it to be, the one that counts is the server's (docs/protocol/signing.md,
 * *Days*).
 */
describe('at the end of a month', () => {
  let server: FoundedServer;
  /** Noon of the month's last day. */
  let eve: number;

  beforeAll(async () => {
    const urls = await givenDatabase();
    eve = Date.parse(`${monthOf(new Date().toISOString().slice(0, 10), 1).until}T12:00:00Z`);
    await shiftClock(urls, `${eve - Date.now()} milliseconds`);
    server = await givenNetwork(urls);
  });
  afterEach(() => setServer(0));
  afterAll(() => server.stop());

  /** The server's clock, in days after the month's last one. */
  const setServer = (days: number): Promise<void> =>
    shiftClock(server.urls, `${eve + days * DAY_MS - Date.now()} milliseconds`);

  /** The network as its devices see it whose clocks have stopped so many days after the month's last one. */
  async function withClocksAt(days: number): Promise<DemoNetwork> {
    const clock = () => new Date(eve + days * DAY_MS);
    const start = (device: Device) => Device.start(device.state, { clock });
    const at = async (of: DemoOrganisation) => ({
      ...of,
      coordinator: await start(of.coordinator),
      worker: await start(of.worker),
    });
    const { laRuelle, clinique, trust } = server.network;
    return { laRuelle: await at(laRuelle), clinique: await at(clinique), trust };
  }

  it.each([
    ['stands still on the last day, three days on', 3, 0],
    ['is a day late on the 1st', 1, 0],
    ['is a day early on the last day', 0, 1],
    ['is a day early on the 1st', 1, 2],
    ['is right on the last day', 0, 0],
    ['is right on the 1st', 1, 1],
    ['is years behind', 1, -2000],
    ['is years ahead', 1, 2000],
  ])('a whole case goes well where every device’s clock %s', async (_, onServer, onDevices) => {
    await setServer(onServer);
    const network = await withClocksAt(onDevices);
    const { laRuelle, clinique } = network;
    for (const { coordinator } of [laRuelle, clinique]) await maintainKeys(coordinator);
    const { referral, receiptCode } = await referSomebody(network, { calledName: 'Sam' });
    await acknowledge(clinique.worker, referral);
    expect((await openReferral(clinique.worker, referral)).record['calledName']).toBe('Sam');
    await sendMessage(clinique.worker, referral, 'Bonjour');
    const receipt = await Receipt.fromCode(server.address, receiptCode);
    await (await receipt.open()).write('Merci');
    expect((await withdrawOnRequest(clinique.worker, referral)).consentState).toBe('withdrawn');
  });

  it('the app is told of a clock that is wrong, and of none that is right', async () => {
    const { worker } = (await withClocksAt(-3)).laRuelle;
    expect(worker.clockError).toBeUndefined();
    await worker.today();
    expect(Math.abs((worker.clockError ?? 0) + (3 * DAY_MS) / 1000)).toBeLessThan(600);
    const right = await Device.start(worker.state, { clock: () => new Date(eve + 60_000) });
    await right.today();
    expect(right.clockError).toBeUndefined();
  });

  it('a day that is none is believed of no server', async () => {
    const { state } = server.network.laRuelle.worker;
    for (const day of ['', 'soon', '2027-02-30', undefined]) {
      const told = await deceived(state, (body, path) => {
        if (path === '/v1/network') body['today'] = day;
      });
      await expect(told.today()).rejects.toMatchObject({ check: 'day' });
    }
  });

  it('a device is let in by a coordinator whose clock is wrong', async () => {
    for (const days of [-40, -1, 1, 40]) {
      const { coordinator, service } = (await withClocksAt(days)).laRuelle;
      const joining = await Joining.ask(
        server.address,
        await invite(coordinator, { role: 'worker', services: [service] }),
      );
      expect((await certifyRequests(coordinator)).done).toHaveLength(1);
      const state = (await joining.finish()) ?? coordinator.state;
      expect(await listServices(await Device.start(state))).toHaveLength(2);
    }
  });

  it('a server’s clock that was days ahead and is set right stops no act, and no withdrawal', async () => {
    await setServer(3);
    for (const { coordinator } of [server.network.laRuelle, server.network.clinique])
      await maintainKeys(coordinator);
    const sent = await referSomebody(server.network, { calledName: 'Sam' });
    const other = await referSomebody(server.network, { calledName: 'Noor' });
    await setServer(0);
    const { worker } = server.network.clinique;
    await acknowledge(worker, sent.referral);
    const receipt = await Receipt.fromCode(server.address, sent.receiptCode);
    expect((await receipt.withdraw()).status).toBe('cancelled');
    expect((await withdrawOnRequest(worker, other.referral)).consentState).toBe('withdrawn');
  });

  it('what was sealed before midnight is taken after it, under the keys of its day', async () => {
    const { laRuelle, clinique } = server.network;
    const from = { device: laRuelle.worker, service: laRuelle.service };
    const { sealed } = await sealDraft({ from, to: clinique.service });
    await setServer(1);
    await sendReferral(laRuelle.worker, sealed);
    await acknowledge(clinique.worker, sealed.referral);
    expect((await openReferral(clinique.worker, sealed.referral)).record['calledName']).toBe('Sam');
  });
});
