import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  certifyRequests,
  Device,
  getReferral,
  invite,
  Joining,
  maintainKeys,
  revokeDevice,
} from '../../src/client/index.js';
import {
  certifyDevice,
  newDeviceKeys,
  publicJwk,
  renewCertificate,
} from '../../src/client/device/certify.js';
import { isId, toBase64url } from '../../src/protocol/encoding/bytes.js';
import { newCode, deriveInvitation, requireCode } from '../../src/protocol/encoding/codes.js';
import type { Certificate } from '../../src/protocol/registry/device-certificate.js';
import { readUnverified } from '../../src/protocol/encoding/signed.js';
import { Caller } from '../support/requests/caller.js';
import { asOwner } from '../support/machines/database.js';
import { movedTo } from '../support/requests/impatient.js';
import { givenSend, post, postWithdrawal, withdrawalOf } from '../support/network/makers.js';
import { givenNetwork, type FoundedServer, type ServerProcess } from '../support/machines/process.js';
import { rounds } from '../support/machines/rounds.js';

const QUOTAS = { devices: 5, invitations: 3, openReferrals: 4 };
const AT_ONCE = 9;
const ROUNDS = rounds(4, 200);

/** What became of each: `done`, or the problem's code. */
async function codesOf(calls: readonly Promise<unknown>[]): Promise<string[]> {
  const settled = await Promise.allSettled(calls);
  return settled.map((each) =>
    each.status === 'fulfilled' ? 'done' : String((each.reason as { code?: unknown }).code),
  );
}

/** A stolen coordinator's key, or an app gone wild, fills neither the database nor anybody's inbox. */
describe('the quotas of an organisation', () => {
  let server: FoundedServer;
  let replica: ServerProcess;

  beforeAll(async () => {
    server = await givenNetwork(undefined, { quotas: QUOTAS });
    replica = await server.replica();
  });
  afterAll(async () => {
    await replica.stop();
    await server.stop();
  });

  const both = async (device: Device): Promise<Device[]> => [
    device,
    await Device.start(movedTo(device.state, replica.address)),
  ];

  const invitation = (hours = 1) => {
    const { sign } = deriveInvitation(requireCode(newCode()));
    const expires = new Date(Date.now() + hours * 3_600_000).toISOString();
    const welcome = toBase64url(new Uint8Array(40));
    return { key: toBase64url(sign.publicKey), role: 'worker', services: [], expires, welcome };
  };

  const newcomer = async (coordinator: Device) => {
    const keys = newDeviceKeys();
    const { device, certificate } = certifyDevice(
      {
        network: coordinator.network,
        organisation: coordinator.organisation.id,
        role: 'worker',
        services: [...coordinator.services],
        today: await coordinator.today(),
        auth: publicJwk(keys.auth),
        key: toBase64url(keys.sign.publicKey),
        boxId: toBase64url(keys.box.id),
      },
      coordinator.coordinatorKey(),
    );
    return { device, body: { certificate, box: toBase64url(keys.box.publicKey) } };
  };

  it('hold for invitations, however many are made at once, on whichever process', async () => {
    const doors = await both(server.network.laRuelle.coordinator);
    for (let round = 0; round < ROUNDS; round++) {
      await asOwner(server.urls, 'DELETE FROM invitation');
      const made = Array.from({ length: AT_ONCE }, (_, i) =>
        post(doors[i % 2] as Device, '/v1/invitations', invitation()),
      );
      const outcomes = await codesOf(made);
      expect(outcomes.filter((each) => each === 'done')).toHaveLength(QUOTAS.invitations);
      expect(new Set(outcomes.filter((each) => each !== 'done'))).toEqual(new Set(['quota_reached']));
    }
  });

  it('hold for devices, however many are certified at once', async () => {
    const { coordinator } = server.network.laRuelle;
    const doors = await both(coordinator);
    for (let round = 0; round < ROUNDS; round++) {
      const fresh = await Promise.all(Array.from({ length: AT_ONCE }, () => newcomer(coordinator)));
      const outcomes = await codesOf(
        fresh.map(({ body }, i) => post(doors[i % 2] as Device, '/v1/devices', body)),
      );
      expect(outcomes.filter((each) => each === 'done')).toHaveLength(QUOTAS.devices - 2);
      expect(new Set(outcomes.filter((each) => each !== 'done'))).toEqual(new Set(['quota_reached']));
      const made = fresh.filter((_, i) => outcomes[i] === 'done').map(({ device }) => device);
      if (round < ROUNDS - 1)
        await asOwner(server.urls, `DELETE FROM device WHERE id = ANY('{${made.join(',')}}')`);
    }
  });

  it('tell nobody’s ids, and nothing that was sent', async () => {
    const caller = await Caller.of(server.network.laRuelle.coordinator.state);
    const { body } = await newcomer(server.network.laRuelle.coordinator);
    for (const [path, sent] of [
      ['/v1/devices', body],
      ['/v1/invitations', invitation()],
    ] as const) {
      const answer = await caller.post(path, sent);
      expect([answer.status, Object.keys(answer.body).sort()]).toEqual([
        409,
        ['instance', 'status', 'title', 'type'],
      ]);
      expect(Object.values(answer.body).some((value) => isId(String(value)))).toBe(false);
    }
  });

  it('stop no renewal, and nobody who replaces a lost device: revoked ones do not count', async () => {
    const { coordinator, worker, service } = server.network.laRuelle;
    const { payload } = readUnverified(worker.certificate) as { payload: Certificate };
    const text = renewCertificate(payload, await coordinator.today(), coordinator.coordinatorKey());
    const box = toBase64url(worker.keys.box.publicKey);
    await post(coordinator, '/v1/devices', { certificate: text, box });
    await expect(invite(coordinator, { role: 'worker', services: [service] })).rejects.toMatchObject({
      code: 'quota_reached',
    });
    const [lost] = await asOwner<{ id: string }>(
      server.urls,
      `SELECT id FROM device WHERE organisation = '${coordinator.organisation.id}'
         AND id NOT IN ('${worker.state.device}', '${coordinator.state.device}') LIMIT 1`,
    );
    await revokeDevice(coordinator, { device: lost?.id ?? '', services: [] });
    const code = await invite(coordinator, { role: 'worker', services: [service] });
    const joining = await Joining.ask(server.address, code);
    expect((await certifyRequests(coordinator)).done).toHaveLength(1);
    expect(await joining.finish()).toMatchObject({ role: 'worker' });
    // one for one: no second one comes in behind it
    await expect(invite(coordinator, { role: 'worker', services: [] })).resolves.toBeDefined();
    const { body } = await newcomer(coordinator);
    await expect(post(coordinator, '/v1/devices', body)).rejects.toMatchObject({ code: 'quota_reached' });
    await maintainKeys(coordinator);
    await worker.takeGrants();
  });

  it('hold for open referrals, however many are sent at once, and stop neither withdrawal nor acknowledgement', async () => {
    const { network } = server;
    const doors = await both(network.laRuelle.worker);
    for (let round = 0; round < ROUNDS; round++) {
      const drafts = [];
      for (let i = 0; i < AT_ONCE; i++) drafts.push(await givenSend(network));
      const outcomes = await codesOf(
        drafts.map(({ body }, i) => post(doors[i % 2] as Device, '/v1/referrals', body)),
      );
      expect(outcomes.filter((each) => each === 'done')).toHaveLength(QUOTAS.openReferrals);
      expect(new Set(outcomes.filter((each) => each !== 'done'))).toEqual(new Set(['quota_reached']));
      for (const [i, { body, given, person }] of drafts.entries()) {
        if (outcomes[i] !== 'done') continue;
        const texts = body.statements.map(({ jws }) => jws);
        const { status } = await postWithdrawal(server, withdrawalOf(texts, given, person.sign));
        expect(status).toBe(200);
        expect(await getReferral(network.laRuelle.worker, body.referral)).toMatchObject({
          status: 'cancelled',
        });
      }
    }
  });

  it('are each organisation’s own: one that has used its own up takes nothing from another', async () => {
    const { clinique } = server.network;
    const code = await invite(clinique.coordinator, { role: 'worker', services: [clinique.service] });
    expect(code).toMatch(/^[0-9A-Z-]+$/);
  });
});
