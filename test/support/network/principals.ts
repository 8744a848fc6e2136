import type { DemoOrganisation } from '../../../src/cli/demo/network.js';
import { fetchProofs, invite, type Device } from '../../../src/client/index.js';
import { deviceKeys } from '../../../src/client/device/state.js';
import { newId, toBase64url, toHex } from '../../../src/protocol/encoding/bytes.js';
import { deriveInvitation, requireCode } from '../../../src/protocol/encoding/codes.js';
import type { BoxKey, SigningKey } from '../../../src/protocol/crypto/keys.js';
import { sign } from '../../../src/protocol/encoding/signed.js';
import { Caller } from '../requests/caller.js';
import { asOwner } from '../machines/database.js';
import { freshKey, givenDevice, jwkOf, type Setting } from './founders.js';
import { givenSend, post, postSend } from './makers.js';
import type { FoundedServer } from '../machines/process.js';

/** Whoever may knock, seen from a referral that La Ruelle has sent to the Clinique. */
export const PRINCIPALS = [
  'anybody',
  'unknownCode',
  'invitation',
  'receipt',
  'reader',
  'second',
  'sender',
  'receiver',
  'coordinator',
  'colleague',
  'stranger',
  'foreignCoordinator',
  'auditor',
  'observer',
  'revoked',
  'suspended',
] as const;
export type PrincipalName = (typeof PRINCIPALS)[number];

export interface Someone {
  readonly caller: Caller;
  /** With which a device signs grants. */
  readonly sign: SigningKey;
  /** The referral whose paper and word `reader` holds. */
  readonly own?: Awaited<ReturnType<typeof givenSend>>;
}

export type Principals = Readonly<Record<PrincipalName, Someone>>;

/**
 * One of each. Devices that no coordinator can certify, and whole organisations beside the two founders, are
 * put into the database. `revoked` and `suspended` have every right but that, and hold tokens from before.
 */
export async function givenPrincipals(server: FoundedServer): Promise<Principals> {
  const { laRuelle, clinique } = server.network;
  const own = { organisation: laRuelle.founder.public.id, services: [laRuelle.service] };
  const strangers = { organisation: await insertOrganisation(server), services: [newId()] };
  const suspended = { ...own, organisation: await insertOrganisation(server) };
  const all = {
    anybody: { caller: Caller.anybody(server.address), sign: freshKey() },
    unknownCode: await codeHolder(server, freshKey()),
    invitation: await codeHolder(server, await givenInvitation(laRuelle.coordinator, laRuelle.service)),
    receipt: await codeHolder(server, await givenReceipt(server)),
    reader: await givenReader(server),
    second: await givenSecond(server),
    sender: await enrolled(laRuelle.worker),
    receiver: await enrolled(clinique.worker),
    coordinator: await enrolled(laRuelle.coordinator),
    colleague: await insertDevice(server, { ...own, services: [newId()], role: 'worker' }),
    stranger: await insertDevice(server, { ...strangers, role: 'worker' }),
    foreignCoordinator: await insertDevice(server, { ...strangers, role: 'coordinator' }),
    auditor: await insertDevice(server, { ...own, services: [], role: 'auditor' }),
    observer: await insertDevice(server, { ...own, services: [], role: 'observer' }),
    revoked: await insertDevice(server, { ...own, role: 'coordinator' }),
    suspended: await insertDevice(server, { ...suspended, role: 'coordinator' }),
  };
  await requireIn([all.revoked, all.suspended]);
  const revocation = await revocationOf(laRuelle, all.revoked.id);
  await post(laRuelle.coordinator, `/v1/devices/${all.revoked.id}/revocation`, revocation);
  await asOwner(
    server.urls,
    `UPDATE organisation SET status = 'suspended' WHERE id = '${suspended.organisation}'`,
  );
  return all;
}

/** Whoever is put out later must have been in before, or their refusal would say nothing. */
async function requireIn(devices: readonly Someone[]): Promise<void> {
  for (const { caller } of devices) {
    const { status } = await caller.get('/v1/services');
    if (status !== 200) throw new Error(`a device that is in order was refused (${status})`);
  }
}

async function enrolled(device: Device): Promise<Someone> {
  return { caller: await Caller.of(device.state), sign: deviceKeys(device.state).sign };
}

async function codeHolder({ address }: FoundedServer, key: SigningKey): Promise<Someone> {
  return { caller: await Caller.code(address, key), sign: key };
}

async function givenInvitation(coordinator: Device, service: string): Promise<SigningKey> {
  return deriveInvitation(requireCode(await invite(coordinator, { role: 'worker', services: [service] })))
    .sign;
}

async function givenReceipt({ network }: FoundedServer): Promise<SigningKey> {
  const { body, person } = await givenSend(network);
  await postSend(network.laRuelle.worker, body);
  return person.sign;
}

/** Paper and word of a referral that the log has taken, so that everything of it can be asked for. */
async function givenReader(server: FoundedServer): Promise<Someone> {
  const own = await givenSend(server.network);
  await postSend(server.network.laRuelle.worker, own.body);
  await fetchProofs(server.network.laRuelle.worker, own.body.referral);
  return { ...(await codeHolder(server, own.person.read)), own };
}

/** Who holds the second code of some referral. */
async function givenSecond(server: FoundedServer): Promise<Someone> {
  const key = freshKey();
  const { body } = await givenSend(server.network);
  const second = { kid: key.kid, sealed: toBase64url(new Uint8Array(1232)) };
  await postSend(server.network.laRuelle.worker, { ...body, person: { ...body.person, second } });
  return codeHolder(server, key);
}

async function insertOrganisation({ urls }: FoundedServer): Promise<string> {
  const [id, root] = [newId(), freshKey()];
  await asOwner(
    urls,
    `INSERT INTO organisation (id, name, key, kid, registry_index) SELECT '${id}', 'Une autre',
      '\\x${toHex(root.publicKey)}', '${root.kid}', 1000 + count(*) FROM organisation`,
  );
  return id;
}

/** The body with which an organisation's coordinator stops a device. */
export async function revocationOf(
  { coordinator, founder }: DemoOrganisation,
  device: string,
): Promise<{ revocation: string }> {
  const { network } = coordinator;
  const of = { network, organisation: founder.public.id, device, reason: 'device-lost' };
  const payload = { ...of, from: await coordinator.today() };
  return { revocation: sign('device-revocation+jws', payload, coordinator.coordinatorKey()) };
}

interface InsertedDevice extends Someone {
  readonly id: string;
  readonly auth: SigningKey;
  readonly box: BoxKey;
}

/** A device that the server finds in its database, whoever may have certified it. */
export async function insertDevice(
  { urls, address, network }: FoundedServer,
  of: {
    organisation: string;
    services: readonly string[];
    role: 'worker' | 'coordinator' | 'auditor' | 'observer';
  },
): Promise<InsertedDevice> {
  const at: Setting = { network: network.trust.network, today: await network.laRuelle.worker.today() };
  const named = { id: of.organisation, name: 'Une autre' };
  const device = givenDevice(at, { ...of, organisation: named, coordinator: freshKey() });
  await asOwner(
    urls,
    `INSERT INTO device (id, organisation, role, services, auth_thumbprint, auth_jwk, sign_key, box_id, box, valid_from,
       valid_until, certificate)
     VALUES ('${device.id}', '${of.organisation}', '${of.role}', '{${of.services.join()}}', '${device.auth.kid}',
       '${JSON.stringify(jwkOf(device.auth))}', '\\x${toHex(device.sign.publicKey)}', '\\x${toHex(device.box.id)}',
       '\\x${toHex(device.box.publicKey)}', domain_today(), domain_today() + 100, '${device.certificate}')`,
  );
  return { ...device, caller: await Caller.device(address, device) };
}
