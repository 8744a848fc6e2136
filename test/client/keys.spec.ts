import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { certifyRequests, Device, invite, Joining, maintainKeys } from '../../src/client/index.js';
import { monthOf } from '../../src/client/device/days.js';
import { certifyEpochs } from '../../src/client/coordinator/epochs.js';
import { GRANTED_DAYS_BEFORE } from '../../src/client/device/grants.js';
import { fromBase64url, toBase64url } from '../../src/protocol/encoding/bytes.js';
import { thumbprint } from '../../src/protocol/crypto/keys.js';
import { daysBetween } from '../../src/protocol/encoding/days.js';
import { currentEpoch, epochsOf } from '../../src/protocol/registry/registry-keys.js';
import { readUnverified, sign } from '../../src/protocol/encoding/signed.js';
import { asOwner } from '../support/machines/database.js';
import { inDays } from '../support/network/founders.js';
import { tellingDay, watched } from '../support/machines/liar.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';
import { addDevice } from '../support/network/staff.js';

const MONTH_DAYS = 31;
const nextMonth = tellingDay(MONTH_DAYS);

/**
 * A coordinator's device keeps its organisation in keys, whatever goes wrong on the way and however large it
 * is.
 */
describe('the keys of a service', () => {
  let server: FoundedServer;

  beforeAll(async () => {
    server = await givenNetwork();
  });
  afterAll(() => server.stop());

  it('are looked up by many at once, also on a device that has seen nothing of the registry yet', async () => {
    const { state } = server.network.clinique.worker;
    const network = { ...state.network, registry: { entries: [], checkpoint: null } };
    const device = await Device.start({ ...state, network });
    const seen = await Promise.all(Array.from({ length: 8 }, () => device.registry()));
    const { entries } = await server.network.clinique.worker.registry();
    for (const registry of seen) expect(registry.entries).toEqual(entries);
  });

  it('are the right ones after a post of new epochs that was refused', async () => {
    const { coordinator, worker, service } = server.network.clinique;
    let isRefusing = true;
    const device = await Device.start(coordinator.state, {
      fetch: (input, init) =>
        isRefusing && input instanceof URL && input.pathname === '/v1/registry/entries'
          ? Promise.resolve(Response.json({ type: '/problems/input_invalid' }, { status: 400 }))
          : nextMonth(input, init),
    });
    expect(await maintainKeys(device)).toContainEqual({
      what: 'service',
      item: service,
      check: 'input_invalid',
    });
    isRefusing = false;
    await maintainKeys(device);
    const last = epochsOf(await device.registry(), service).at(-1);
    const days = daysBetween(await worker.today(), last?.from ?? '');
    const restarted = await Device.start(device.state, { fetch: tellingDay(days) });
    expect(toBase64url((await restarted.epochOf(service)).box.id)).toBe(last?.boxId);
    await maintainKeys(restarted);
    const colleague = await Device.start(worker.state, { fetch: tellingDay(days) });
    expect(toBase64url((await colleague.epochOf(service)).box.id)).toBe(last?.boxId);
  });

  it('reach every device of a large organisation, but for those that were revoked or have ended', async () => {
    const { coordinator, service } = server.network.laRuelle;
    const today = await coordinator.today();
    const ended = await addDevice(coordinator, service, { until: inDays(today, 10) });
    const revoked = await addDevice(coordinator, service);
    const sql = `UPDATE device SET revoked = '${today}', revocation = 'x' WHERE id = '${revoked.id}'`;
    await asOwner(server.urls, sql);
    for (let i = 0; i < 60; i++) await addDevice(coordinator, service);
    const later = await Device.start(coordinator.state, { fetch: nextMonth });
    await maintainKeys(later);
    const turned = currentEpoch(await later.registry(), service, await later.today());
    const without = await asOwner<{ id: string }>(
      server.urls,
      `SELECT id FROM device d WHERE organisation = '${coordinator.organisation.id}' AND NOT EXISTS
        (SELECT FROM key_grant g WHERE g.device_box_id = d.box_id AND g.epoch = '${turned?.epoch}')`,
    );
    const expected = [ended.id, revoked.id, coordinator.state.device].sort();
    expect(without.map(({ id }) => id).sort()).toEqual(expected);
  });

  it('are granted once: a second look posts nothing', async () => {
    const { device, posted } = await watched(server.network.laRuelle.coordinator.state);
    await maintainKeys(device);
    await maintainKeys(device);
    const before = posted.length;
    await maintainKeys(device);
    expect(posted.slice(before)).toEqual([]);
  });

  it('are written down before anybody is shown them: killed at any moment, the device can use what the registry shows', async () => {
    const { coordinator, service } = server.network.laRuelle;
    const epochs = async (device: Device) => epochsOf(await device.registry(), service);
    const before = new Set((await epochs(coordinator)).map(({ boxId }) => boxId));
    let kept = coordinator.state;
    for (const [months, moment] of [
      [2, 'before the post'],
      [3, 'after the post'],
    ] as const) {
      const told = tellingDay(months * MONTH_DAYS);
      const device = await Device.start(kept, {
        save: (state) => void (kept = structuredClone(state)),
        fetch: async (input, init) => {
          const isPost = input instanceof URL && input.pathname === '/v1/registry/entries';
          const isSent = !isPost || moment === 'after the post';
          const answer = isSent ? await told(input, init) : undefined;
          // a refusal ends it there, as a kill would: nothing is asked again
          return isPost || !answer
            ? Response.json({ type: '/problems/input_invalid' }, { status: 400 })
            : answer;
        },
      });
      expect(await maintainKeys(device)).toMatchObject([{ check: 'input_invalid' }]);
      const resumed = await Device.start(kept, { fetch: told });
      await maintainKeys(resumed);
      kept = resumed.state;
      const held = resumed.epochKeysOf(service).map(({ box }) => toBase64url(box.id));
      const made = (await epochs(resumed)).map(({ boxId }) => boxId).filter((id) => !before.has(id));
      expect(made.length).toBeGreaterThan(0);
      expect(held).toEqual(expect.arrayContaining(made));
    }
  });

  it('are granted again where the server has lost them', async () => {
    const { coordinator, worker, service } = server.network.clinique;
    await asOwner(server.urls, 'DELETE FROM key_grant');
    const device = await Device.start({ ...worker.state, epochs: [] });
    await expect(device.epochOf(service)).rejects.toMatchObject({ check: 'key-not-granted' });
    await maintainKeys(coordinator);
    expect((await device.epochOf(service)).box.id).toEqual((await coordinator.epochOf(service)).box.id);
  });

  it('are more than one request can carry, and reach a new device all the same', async () => {
    const { coordinator, service } = server.network.clinique;
    await turnOften(coordinator, service, 80);
    const code = await invite(coordinator, { role: 'worker', services: [service] });
    const joining = await Joining.ask(server.address, code);
    expect((await certifyRequests(coordinator)).done).toHaveLength(1);
    const device = await Device.start((await joining.finish()) ?? coordinator.state);
    await device.takeGrants();
    const soon = inDays(await device.today(), GRANTED_DAYS_BEFORE);
    const begun = epochsOf(await device.registry(), service).filter(({ from }) => from <= soon);
    const held = device.epochKeysOf(service).map(({ box }) => toBase64url(box.id));
    expect(held.sort()).toEqual(begun.map(({ boxId }) => boxId).sort());
    expect(held.length).toBeGreaterThan(80);
  });
});

/** As many epochs of this month, each answering the revocation of the one before. */
async function turnOften(coordinator: Device, service: string, times: number): Promise<void> {
  const { network, organisation } = coordinator;
  const today = await coordinator.today();
  const registry = await coordinator.registry();
  const shown = epochsOf(registry, service);
  const { month } = monthOf(today);
  const ofMonth = shown.filter(({ epoch }) => epoch.startsWith(month));
  let key = ofMonth.at(-1)?.kid ?? '';
  let previous = registry.entries[shown.at(-1)?.index ?? 0] ?? '';
  for (let number = ofMonth.length + 1; number <= ofMonth.length + times; number++) {
    const revocation = sign(
      'revocation+jws',
      { network, organisation: organisation.id, key, from: today, reason: 'device-lost' },
      coordinator.coordinatorKey(),
    );
    const { entries, seeds } = certifyEpochs({
      network,
      organisation,
      service: shown[0]?.service ?? { id: service, name: '' },
      coordinator: coordinator.coordinatorKey(),
      today,
      previous,
      wanted: [{ ahead: 0, number, revocation }],
    });
    await coordinator.saveSeeds(seeds);
    await coordinator.postEntries([revocation, ...entries]);
    previous = entries[0] ?? '';
    key = thumbprint(fromBase64url((readUnverified(previous).payload as { key: string }).key));
  }
}
