import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  acknowledge,
  Device,
  findService,
  listServices,
  maintainKeys,
  openReferral,
  recordConsent,
  sealReferral,
  sendReferral,
} from '../../src/client/index.js';
import { toBase64url } from '../../src/protocol/encoding/bytes.js';
import type { Payload } from '../../src/protocol/schemas/signed.js';
import { readUnverified } from '../../src/protocol/encoding/signed.js';
import { asOwner, shiftClock } from '../support/machines/database.js';
import { certificateFor, freshKey, inDays, type TestDevice } from '../support/network/founders.js';
import { deceived } from '../support/machines/liar.js';
import { outcomesOf, post } from '../support/network/makers.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';
import { addDevice, stateOf } from '../support/network/staff.js';

/**
 * docs/protocol/signing.md, *Keys*: a coordinator's device renews certificates by itself whenever it is on
 * line.
 */
describe('a certificate that is about to end', () => {
  let server: FoundedServer;
  let today: string;

  beforeAll(async () => {
    server = await givenNetwork();
    today = await server.network.clinique.worker.today();
  });
  afterEach(() => shiftClock(server.urls, '0 days'));
  afterAll(() => server.stop());

  const laRuelle = () => server.network.laRuelle;
  const endOf = (text: string): string =>
    (readUnverified(text).payload as Payload<'device-certificate+jws'>).until;

  async function endsAtServer({ id }: Pick<TestDevice, 'id'>): Promise<string | undefined> {
    const rows = await asOwner<{ until: string; certificate: string }>(
      server.urls,
      `SELECT valid_until::text AS until, certificate FROM device WHERE id = '${id}'`,
    );
    expect(rows.map(({ certificate }) => endOf(certificate))).toEqual(rows.map(({ until }) => until));
    return rows[0]?.until;
  }

  it('is renewed, and its device goes on sending by itself', async () => {
    const { coordinator, worker, service } = laRuelle();
    const added = await addDevice(coordinator, service, { until: inDays(today, 20) });
    const device = await Device.start(stateOf(added, worker.state));
    await maintainKeys(coordinator);
    expect(await endsAtServer(added)).toBe(inDays(today, 179));
    await shiftClock(server.urls, '25 days');
    for (const organisation of [coordinator, server.network.clinique.coordinator])
      await maintainKeys(await Device.start(organisation.state));
    const { sealed } = await sealReferral(device, {
      from: service,
      to: await findService(device, server.network.clinique.service),
      consent: recordConsent(await device.charter(), await device.today(), {
        purpose: 'health-care',
        fields: ['calledName'],
        language: 'fr',
        modality: 'spoken',
        representation: 'none',
        alternativesOffered: [],
        teachBack: true,
      }),
      record: { calledName: 'Sam' },
      priority: 'routine',
    });
    await sendReferral(device, sealed);
    expect(endOf(device.state.certificate)).toBe(inDays(today, 179));
    const receiver = await Device.start(server.network.clinique.worker.state);
    await acknowledge(receiver, sealed.referral);
    expect((await openReferral(receiver, sealed.referral)).record['calledName']).toBe('Sam');
  });

  it('is the coordinator’s own as well: nobody is locked out after half a year', async () => {
    const { coordinator, worker } = server.network.clinique;
    await shiftClock(server.urls, '160 days');
    const kept = await Device.start(coordinator.state);
    expect(await maintainKeys(kept)).toEqual([]);
    expect(endOf(kept.state.certificate)).toBe(inDays(await kept.today(), 179));
    await shiftClock(server.urls, '200 days');
    for (const state of [kept.state, worker.state])
      expect(await listServices(await Device.start(state))).toHaveLength(2);
  });

  it('is not taken in before its first day, and gives no token before it', async () => {
    const { coordinator, worker, service } = laRuelle();
    await expect(addDevice(coordinator, service, { from: inDays(today, 1) })).rejects.toMatchObject({
      status: 422,
    });
    const added = await addDevice(coordinator, service);
    const lists = async () => listServices(await Device.start(stateOf(added, worker.state)));
    // the server's clock was ahead when it was taken in
    await shiftClock(server.urls, '-1 day');
    await expect(lists()).rejects.toMatchObject({ status: 401 });
    await shiftClock(server.urls, '0 days');
    expect(await lists()).toHaveLength(2);
  });

  it('is not renewed for a device that was revoked, or long before its end', async () => {
    const { coordinator, service } = laRuelle();
    const revoked = await addDevice(coordinator, service, { until: inDays(today, 20) });
    const sql = `UPDATE device SET revoked = '${today}', revocation = 'x' WHERE id = '${revoked.id}'`;
    await asOwner(server.urls, sql);
    const young = await addDevice(coordinator, service, { until: inDays(today, 60) });
    await maintainKeys(coordinator);
    expect(await endsAtServer(revoked)).toBe(inDays(today, 20));
    expect(await endsAtServer(young)).toBe(inDays(today, 60));
  });

  it('is not exchanged for a shorter one, or one of other keys, whatever the server lists', async () => {
    const { coordinator, worker, service } = laRuelle();
    const other = await addDevice(coordinator, service);
    for (const change of [{ until: inDays(today, 3) }, {}]) {
      const keys = 'until' in change ? { ...keysOf(worker), ...change } : other;
      const of = { organisation: coordinator.organisation, coordinator: coordinator.coordinatorKey() };
      const at = { network: coordinator.network, today };
      const id = worker.state.device;
      const forged = certificateFor(
        at,
        { ...of, role: 'worker', services: [service], change },
        { ...keys, id },
      );
      const told = await deceived(worker.state, (body, path) => {
        if (path !== '/v1/devices') return;
        for (const item of body['items'] as { device: string; certificate: string }[])
          if (item.device === id) item.certificate = forged;
      });
      await told.takeGrants().catch(() => undefined);
      expect(told.state.certificate).toBe(worker.state.certificate);
    }
  });

  it('is renewed at the server for the same keys, role and services only, and by its own organisation', async () => {
    const { coordinator, service } = laRuelle();
    const device = await addDevice(coordinator, service, { until: inDays(today, 60) });
    const renew = (by: Device, change: object, keys: Omit<TestDevice, 'certificate'> = device) => {
      const of = { organisation: by.organisation, coordinator: by.coordinatorKey(), role: 'worker' as const };
      const at = { network: by.network, today };
      const certificate = certificateFor(at, { ...of, services: [service], change }, keys);
      return post(by, '/v1/devices', { certificate, box: toBase64url(keys.box.publicKey) });
    };
    const foreign = server.network.clinique;
    // the clock was months ahead when it was renewed; since it was set back that certificate has not begun
    const begin = 'UPDATE device SET valid_from = domain_today(), valid_until = domain_today() + 179';
    await asOwner(server.urls, `${begin} WHERE valid_from > domain_today()`);
    const { refused } = await outcomesOf([
      renew(coordinator, {}, { ...device, sign: freshKey() }),
      renew(coordinator, {}, { ...device, auth: freshKey() }),
      renew(coordinator, { role: 'coordinator' }),
      renew(coordinator, { services: [] }),
      renew(coordinator, { until: inDays(today, 59) }),
      renew(foreign.coordinator, { services: [foreign.service] }),
    ]);
    expect(refused).toEqual(Array.from({ length: 6 }, () => 'wrong_state'));
    expect(await endsAtServer(device)).toBe(inDays(today, 60));
    await renew(coordinator, {});
    await renew(coordinator, {});
    expect(await endsAtServer(device)).toBe(inDays(today, 179));
  });
});

/** The keys of a device at work, as the maker of certificates wants them. */
function keysOf({ keys, state }: Device): Omit<TestDevice, 'certificate'> {
  return { id: state.device, ...keys };
}
