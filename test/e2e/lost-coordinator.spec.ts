import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  acknowledge,
  appointCoordinator,
  certifyRequests,
  Device,
  findService,
  invite,
  Joining,
  listServices,
  maintainKeys,
  openReferral,
  recordConsent,
  revokeDevice,
  sealReferral,
  sendReferral,
  type DeviceState,
  type InvitationOptions,
} from '../../src/client/index.js';
import type { DemoNetwork } from '../../src/cli/demo/network.js';
import { toBase64url } from '../../src/protocol/encoding/bytes.js';
import { derivePaper, newCode, requireCode } from '../../src/protocol/encoding/codes.js';
import type { SigningKey } from '../../src/protocol/crypto/keys.js';
import { sign } from '../../src/protocol/encoding/signed.js';
import { shiftClock } from '../support/machines/database.js';
import { tellingDay, watched } from '../support/machines/liar.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

/** La Ruelle has a second coordinator, and loses the first one's device on the day after it was founded. */
describe('an organisation that loses a coordinator’s device', () => {
  let server: FoundedServer;
  let second: Device;
  let acting: Device;
  let lost: { device: string; services: string[] };

  beforeAll(async () => {
    server = await givenNetwork();
    const { coordinator, service, worker } = server.network.laRuelle;
    lost = { device: coordinator.state.device, services: [service] };
    second = await Device.start(await enrol(coordinator, { role: 'coordinator', services: [service] }));
    await second.takeGrants();
    await maintainKeys(await Device.start(coordinator.state, { fetch: tellingDay(1) }));
    await worker.takeGrants();
  });
  afterAll(() => server.stop());

  it('gives its second coordinator a key by the paper code, and by no other', async () => {
    const { laRuelle, clinique } = server.network;
    for (const code of [clinique.founder.paperCode, newCode()])
      await expect(appointCoordinator(second, code)).rejects.toMatchObject({ check: 'paper-code' });
    const { paperCode } = laRuelle.founder;
    await expect(appointCoordinator(laRuelle.worker, paperCode)).rejects.toMatchObject({
      check: 'not-a-coordinator',
    });
    expect(() => second.coordinatorKey()).toThrow();
    await appointCoordinator(second, paperCode);
    const restarted = await Device.start(second.state);
    const state = await enrol(restarted, { role: 'worker', services: [laRuelle.service] });
    expect(await listServices(await Device.start(state))).toHaveLength(2);
  });

  it('is told what is missing before anything is sent', async () => {
    const { founder, service, coordinator } = server.network.laRuelle;
    const { device, posted } = await watched(second.state);
    await expect(revokeDevice(device, lost)).rejects.toMatchObject({ check: 'paper-code' });
    await expect(revokeDevice(device, { ...lost, paperCode: newCode() })).rejects.toMatchObject({
      check: 'paper-code',
    });
    const elsewhere = await enrol(second, { role: 'coordinator', services: [] });
    const other = await watched({ ...elsewhere, coordinator: second.state.coordinator ?? '' });
    const { paperCode } = founder;
    for (const each of [
      { ...lost, paperCode },
      { device: server.network.laRuelle.worker.state.device, services: [] },
    ])
      await expect(revokeDevice(other.device, each)).rejects.toMatchObject({ check: 'service-not-served' });
    expect([...posted, ...other.posted]).toEqual([]);
    expect(await listServices(coordinator)).toHaveLength(2);
    expect((await findService(second, service)).key.revokedAt).toBeUndefined();
  });

  it('takes its key back by the root, and goes on: what was sent that morning is read, new keys are made', async () => {
    await shiftClock(server.urls, '1 day');
    const { laRuelle, clinique } = server.network;
    const [sender, receiver] = [
      await Device.start(laRuelle.worker.state),
      await Device.start(clinique.worker.state),
    ];
    await maintainKeys(await Device.start(clinique.coordinator.state));
    await receiver.takeGrants();
    const morning = await refer(server.network, sender);

    acting = await Device.start(second.state);
    const { paperCode } = laRuelle.founder;
    await revokeDevice(acting, { ...lost, paperCode });

    await expect(listServices(laRuelle.coordinator)).rejects.toMatchObject({ status: 401 });
    const registry = await acting.registry();
    const taken = registry.coordinators.get(laRuelle.coordinator.coordinatorKey().kid);
    expect(taken?.revokedFrom).toBe(await acting.today());
    await acknowledge(receiver, morning);
    for (const reader of [receiver, sender])
      expect((await openReferral(reader, morning)).record['calledName']).toBe('Sam');
  });

  it('gives the new keys to those alone whom the second coordinator certifies anew', async () => {
    const { laRuelle, clinique } = server.network;
    const old = await Device.start(laRuelle.worker.state);
    await expect(old.epochOf(laRuelle.service)).rejects.toMatchObject({ check: 'key-not-granted' });
    const anew = await Device.start(await enrol(acting, { role: 'worker', services: [laRuelle.service] }));
    const referral = await refer(server.network, anew);
    const receiver = await Device.start(clinique.worker.state);
    await acknowledge(receiver, referral);
    for (const reader of [receiver, anew])
      expect((await openReferral(reader, referral)).record['calledName']).toBe('Sam');
  });

  it('seals nothing under a certificate that the receiver would refuse', async () => {
    await shiftClock(server.urls, '2 days');
    const { epochs } = acting.state;
    const state = { ...server.network.laRuelle.worker.state, epochs };
    const late = await Device.start(state);
    await expect(refer(server.network, late)).rejects.toMatchObject({ check: 'certificate' });
  });

  async function refer({ laRuelle, clinique }: DemoNetwork, sender: Device): Promise<string> {
    const consent = recordConsent(await sender.charter(), await sender.today(), {
      purpose: 'health-care',
      fields: ['calledName'],
      language: 'fr',
      modality: 'spoken',
      representation: 'none',
      alternativesOffered: [],
      teachBack: true,
    });
    const to = await findService(sender, clinique.service);
    const send = { from: laRuelle.service, to, consent, record: { calledName: 'Sam' } };
    const { sealed } = await sealReferral(sender, { ...send, priority: 'routine' });
    return (await sendReferral(sender, sealed)).referral;
  }
});

describe('the last key of a coordinator', () => {
  let server: FoundedServer;

  beforeAll(async () => {
    server = await givenNetwork();
  });
  afterAll(() => server.stop());

  const revocationOf = async (of: Device, key: string, by: SigningKey): Promise<string> =>
    sign(
      'revocation+jws',
      {
        network: of.network,
        organisation: of.organisation.id,
        key,
        from: await of.today(),
        reason: 'device-lost',
      },
      by,
    );

  it('is not revoked by the registry’s route either, by itself or by the root; with another one it is', async () => {
    const { coordinator, founder, service } = server.network.laRuelle;
    const own = coordinator.coordinatorKey();
    const root = derivePaper(requireCode(founder.paperCode)).sign;
    for (const signer of [own, root]) {
      const revocation = await revocationOf(coordinator, own.kid, signer);
      await expect(coordinator.postEntries([revocation])).rejects.toMatchObject({
        code: 'second_device_required',
      });
    }
    expect((await coordinator.registry()).coordinators.get(own.kid)?.revokedAt).toBeUndefined();
    const second = await Device.start(await enrol(coordinator, { role: 'coordinator', services: [service] }));
    await appointCoordinator(second, founder.paperCode);
    await second.postEntries([await revocationOf(second, own.kid, root)]);
    expect((await second.registry()).coordinators.get(own.kid)?.revokedAt).toBeDefined();
    // and now that one is the last
    const last = second.coordinatorKey();
    const revocation = await revocationOf(second, last.kid, last);
    await expect(second.postEntries([revocation])).rejects.toMatchObject({ code: 'second_device_required' });
  });

  it('is the last one for whichever of two is quicker, where each revokes the other at once', async () => {
    const { clinique } = server.network;
    for (let round = 0; round < 5; round++) {
      const one = await Device.start(
        await enrol(clinique.coordinator, { role: 'coordinator', services: [] }),
      );
      await appointCoordinator(one, clinique.founder.paperCode);
      const [a, b] = [clinique.coordinator.coordinatorKey(), one.coordinatorKey()];
      const living = [...(await one.registry()).coordinators.values()].filter(
        ({ organisation, revokedAt }) => organisation === one.organisation.id && revokedAt === undefined,
      );
      expect(living.map(({ kid }) => kid).sort()).toEqual([a.kid, b.kid].sort());
      const texts = [await revocationOf(one, a.kid, b), await revocationOf(one, b.kid, a)];
      const posted = await Promise.allSettled(
        texts.map((text, i) => (i === 0 ? one : clinique.coordinator).postEntries([text])),
      );
      expect(posted.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const left = [...(await one.registry()).coordinators.values()].filter(
        ({ organisation, revokedAt }) => organisation === one.organisation.id && revokedAt === undefined,
      );
      expect(left).toHaveLength(1);
      if (left[0]?.kid !== a.kid) return;
    }
  });

  it('is held by a device that does not revoke itself', async () => {
    const { coordinator, founder } = server.network.laRuelle;
    const { device } = coordinator.state;
    const lost = { device, services: [], paperCode: founder.paperCode };
    await expect(revokeDevice(coordinator, lost)).rejects.toMatchObject({ check: 'own-device' });
  });
});

describe('an organisation that loses it on the day on which it invited a second coordinator', () => {
  it('goes on all the same', async () => {
    const server = await givenNetwork();
    const { coordinator, founder, service } = server.network.laRuelle;
    const second = await Device.start(await enrol(coordinator, { role: 'coordinator', services: [service] }));
    await appointCoordinator(second, founder.paperCode);
    const { device } = coordinator.state;
    await revokeDevice(second, { device, services: [service], paperCode: founder.paperCode });
    const anew = await Device.start(await enrol(second, { role: 'worker', services: [service] }));
    const { key } = await findService(anew, service);
    expect(toBase64url((await anew.epochOf(service)).box.id)).toBe(key.boxId);
    await server.stop();
  });
});

async function enrol(coordinator: Device, invited: InvitationOptions): Promise<DeviceState> {
  const joining = await Joining.ask(coordinator.transport.issuer, await invite(coordinator, invited));
  await certifyRequests(coordinator);
  const state = await joining.finish();
  if (!state) throw new Error('not certified');
  return state;
}
