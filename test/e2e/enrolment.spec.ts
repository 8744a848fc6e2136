import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  acknowledge,
  certifyRequests,
  Device,
  findService,
  invite,
  Joining,
  listServices,
  maintainKeys,
  openReferral,
  revokeDevice,
} from '../../src/client/index.js';
import { deriveInvitation, requireCode } from '../../src/protocol/encoding/codes.js';
import { fromBase64url, toBase64url } from '../../src/protocol/encoding/bytes.js';
import { daysBetween } from '../../src/protocol/encoding/days.js';
import { epochsOf } from '../../src/protocol/registry/registry-keys.js';
import { referSomebody } from '../../src/cli/demo/referral.js';
import { asOwner, shiftClock } from '../support/machines/database.js';
import { tellingDay } from '../support/machines/liar.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

describe('enrolment', () => {
  let server: FoundedServer;

  beforeAll(async () => {
    server = await givenNetwork();
  });
  afterAll(() => server.stop());

  it('takes a new device from a code to work, and it can read what its service receives', async () => {
    const { coordinator, service } = server.network.clinique;
    const code = await invite(coordinator, { role: 'worker', services: [service] });
    const joining = await Joining.ask(server.address, code);
    expect(await joining.finish()).toBeUndefined();
    expect((await certifyRequests(coordinator)).done).toHaveLength(1);
    expect(await certifyRequests(coordinator)).toEqual({ done: [], refused: [] });
    const state = await joining.finish();
    const device = await Device.start(state ?? server.network.clinique.worker.state);
    expect(await listServices(device)).toHaveLength(2);
    expect((await device.epochOf(service)).box.id).toEqual(
      fromBase64url((await findService(device, service)).key.boxId),
    );
    const again = await Device.start(device.state);
    expect(again.epochKeysOf(service).length).toBeGreaterThan(0);
  });

  it('gives an invitation to the first that asks, however many ask at once', async () => {
    const { coordinator, service } = server.network.laRuelle;
    const code = await invite(coordinator, { role: 'worker', services: [service] });
    const asked = await Promise.allSettled(
      Array.from({ length: 8 }, () => Joining.ask(server.address, code)),
    );
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await certifyRequests(coordinator)).done).toHaveLength(1);
    await expect(Joining.ask(server.address, code)).rejects.toMatchObject({ name: 'Problem' });
  });

  it('knows no code that nobody made, and none that has run out', async () => {
    const { coordinator, service } = server.network.laRuelle;
    await expect(Joining.ask(server.address, 'JGAB4-K1AYK-6T1QR-1THS8-VVSZX')).rejects.toMatchObject({
      code: 'not_found',
    });
    const code = await invite(coordinator, { role: 'worker', services: [service], hours: 2 });
    await shiftClock(server.urls, '3 hours');
    try {
      await expect(Joining.ask(server.address, code)).rejects.toMatchObject({ code: 'not_found' });
    } finally {
      await shiftClock(server.urls, '0 hours');
    }
  });

  it('lets no coordinator invite for, certify for, or speak for another organisation', async () => {
    const { laRuelle, clinique } = server.network;
    const foreign = invite(laRuelle.coordinator, { role: 'worker', services: [clinique.service] });
    await expect(foreign).rejects.toMatchObject({ code: 'not_found' });
    await expect(
      invite(laRuelle.worker, { role: 'worker', services: [laRuelle.service] }),
    ).rejects.toMatchObject({
      code: 'not_found',
    });
    const [entry] = clinique.founder.public.serviceKeys;
    const post = laRuelle.coordinator.postEntries([entry ?? '']);
    await expect(post).rejects.toMatchObject({ name: 'Problem' });
  });

  it('keeps the code to itself: the server has its public key only', async () => {
    const { coordinator, service } = server.network.laRuelle;
    const code = await invite(coordinator, { role: 'worker', services: [service] });
    const { sign: key } = deriveInvitation(requireCode(code));
    const rows = await asOwner<{ key: Buffer; line: string }>(
      server.urls,
      `SELECT key, i::text AS line FROM invitation i WHERE kid = '${key.kid}'`,
    );
    expect(toBase64url(rows[0]?.key ?? new Uint8Array(0))).toBe(toBase64url(key.publicKey));
    expect(rows[0]?.line).not.toContain(code.replaceAll('-', ''));
  });

  it('revokes a lost device at its very next request, and makes what comes later unreadable to it', async () => {
    const { laRuelle, clinique } = server.network;
    const { coordinator, service } = clinique;
    const code = await invite(coordinator, { role: 'worker', services: [service] });
    const joining = await Joining.ask(server.address, code);
    await certifyRequests(coordinator);
    const lost = await Device.start((await joining.finish()) ?? clinique.worker.state);
    await lost.takeGrants();
    const before = await referSomebody(server.network, { calledName: 'Sam' });
    await acknowledge(lost, before.referral);
    const old = (await findService(laRuelle.worker, service)).key;

    await revokeDevice(coordinator, { device: lost.state.device, services: [service] });
    await expect(listServices(lost)).rejects.toMatchObject({ status: 401 });
    await expect(listServices(await Device.start(lost.state))).rejects.toMatchObject({ status: 401 });

    const now = (await findService(laRuelle.worker, service)).key;
    expect([now.epoch.slice(0, 7), now.boxId === old.boxId]).toEqual([old.epoch.slice(0, 7), false]);
    expect(lost.epochKeysOf(service).map(({ box }) => toBase64url(box.id))).not.toContain(now.boxId);
    const after = await referSomebody(server.network, { calledName: 'Noor' });
    await clinique.worker.takeGrants();
    await acknowledge(clinique.worker, after.referral);
    expect((await openReferral(clinique.worker, after.referral)).record['calledName']).toBe('Noor');
    expect((await openReferral(clinique.worker, before.referral)).record['calledName']).toBe('Sam');
  });

  it('leaves what a service sent before it lost a device readable for both sides, and lets it send on', async () => {
    const { laRuelle, clinique } = server.network;
    const { coordinator, service, worker } = laRuelle;
    const code = await invite(coordinator, { role: 'worker', services: [service] });
    const joining = await Joining.ask(server.address, code);
    await certifyRequests(coordinator);
    const lost = await joining.finish();
    const unread = await referSomebody(server.network, { calledName: 'Sam' });
    const read = await referSomebody(server.network, { calledName: 'Noor' });
    await acknowledge(clinique.worker, read.referral);

    await revokeDevice(coordinator, { device: lost?.device ?? '', services: [service] });
    await acknowledge(clinique.worker, unread.referral);
    const after = await referSomebody(server.network, { calledName: 'Ali' });
    await acknowledge(clinique.worker, after.referral);
    for (const [{ referral }, name] of [
      [unread, 'Sam'],
      [read, 'Noor'],
      [after, 'Ali'],
    ] as const)
      for (const reader of [clinique.worker, worker])
        expect((await openReferral(reader, referral)).record['calledName']).toBe(name);
  });

  it('certifies the epochs of months to come, once', async () => {
    const { coordinator, service } = server.network.clinique;
    const before = (await coordinator.registry()).entries.length;
    await maintainKeys(coordinator);
    expect((await coordinator.registry()).entries.length).toBe(before);
    const later = await Device.start(coordinator.state, { fetch: tellingDay(31) });
    await maintainKeys(later);
    const after = (await later.registry()).entries.length;
    expect(after).toBeGreaterThan(before);
    await maintainKeys(later);
    expect((await later.registry()).entries.length).toBe(after);
    expect(later.epochKeysOf(service).length).toBeGreaterThan(coordinator.epochKeysOf(service).length);
  });

  it('certifies none that would begin after the coordinator’s own key has ended', async () => {
    const { coordinator, service } = server.network.laRuelle;
    const { until } = [...(await coordinator.registry()).coordinators.values()].find(
      ({ kid }) => kid === coordinator.coordinatorKey().kid,
    ) ?? { until: '' };
    const days = daysBetween(await coordinator.today(), until) - 61;
    const late = await Device.start(coordinator.state, { fetch: tellingDay(days) });
    await maintainKeys(late);
    const last = epochsOf(await late.registry(), service).at(-1);
    expect([last?.epoch.slice(0, 7), (last?.from ?? '') <= until]).toEqual([until.slice(0, 7), true]);
  });
});
