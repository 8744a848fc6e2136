import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  certifyRequests,
  Device,
  findService,
  invite,
  Joining,
  listServices,
  maintainKeys,
} from '../../src/client/index.js';
import { deriveInvitation, requireCode } from '../../src/protocol/codes.js';
import { fromBase64url, newId, toBase64url } from '../../src/protocol/bytes.js';
import { signingKey } from '../../src/protocol/crypto/keys.js';
import { sign } from '../../src/protocol/signed.js';
import { asOwner, shiftClock } from '../support/database.js';
import { givenNetwork, type FoundedServer } from '../support/process.js';

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
    expect(await certifyRequests(coordinator)).toBe(1);
    expect(await certifyRequests(coordinator)).toBe(0);
    const state = await joining.finish();
    const device = await Device.start(state ?? server.network.clinique.worker.state);
    expect(await listServices(device)).toHaveLength(2);
    expect((await device.epochOf(service)).box.id).toEqual(
      fromBase64url((await findService(device, service)).key.boxId),
    );
    const again = await Device.start(device.state);
    expect(again.heldKeys(service).length).toBeGreaterThan(0);
  });

  it('gives an invitation to the first that asks, however many ask at once', async () => {
    const { coordinator, service } = server.network.laRuelle;
    const code = await invite(coordinator, { role: 'worker', services: [service] });
    const asked = await Promise.allSettled(
      Array.from({ length: 8 }, () => Joining.ask(server.address, code)),
    );
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await certifyRequests(coordinator)).toBe(1);
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

  it('revokes a device at its coordinator’s word, and at its very next request', async () => {
    const { coordinator, service, founder } = server.network.laRuelle;
    const code = await invite(coordinator, { role: 'worker', services: [service] });
    const joining = await Joining.ask(server.address, code);
    await certifyRequests(coordinator);
    const state = (await joining.finish()) ?? server.network.laRuelle.worker.state;
    const device = await Device.start(state);
    expect(await listServices(device)).toHaveLength(2);
    const key = signingKey(fromBase64url(founder.device.coordinator ?? ''));
    const revocation = sign(
      'device-revocation+jws',
      {
        network: coordinator.network,
        organisation: coordinator.organisation.id,
        device: state.device,
        from: await coordinator.today(),
        reason: 'device-lost',
      },
      key,
    );
    const path = `/v1/devices/${state.device}/revocation`;
    await coordinator.session.json({ method: 'POST', path, idempotencyKey: newId(), body: { revocation } });
    await expect(listServices(device)).rejects.toMatchObject({ status: 401 });
    await expect(listServices(await Device.start(state))).rejects.toMatchObject({ status: 401 });
  });

  it('certifies the epochs of months to come, once', async () => {
    const { coordinator, service } = server.network.clinique;
    const before = (await coordinator.registry()).entries.length;
    await maintainKeys(coordinator);
    expect((await coordinator.registry()).entries.length).toBe(before);
    const later = await Device.start(coordinator.state, {
      clock: () => new Date(Date.now() + 31 * 86_400_000),
    });
    await maintainKeys(later);
    const after = (await later.registry()).entries.length;
    expect(after).toBeGreaterThan(before);
    await maintainKeys(later);
    expect((await later.registry()).entries.length).toBe(after);
    expect(later.heldKeys(service).length).toBeGreaterThan(coordinator.heldKeys(service).length);
  });
});
