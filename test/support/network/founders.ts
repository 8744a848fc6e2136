import { newId, randomBytes, toBase64url } from '../../../src/protocol/encoding/bytes.js';
import { defaultCharter, textHash } from '../../../src/protocol/registry/charter.js';
import { canonicalText } from '../../../src/protocol/encoding/json.js';
import {
  boxKey,
  epochKeys,
  signingKey,
  type BoxKey,
  type EpochKeys,
  type SigningKey,
} from '../../../src/protocol/crypto/keys.js';
import type { Payload } from '../../../src/protocol/schemas/signed.js';
import { hashText, sign } from '../../../src/protocol/encoding/signed.js';

export interface Named {
  readonly id: string;
  readonly name: string;
}

export interface TestEpoch {
  readonly epoch: string;
  readonly keys: EpochKeys;
  readonly entry: string;
}

export interface TestDevice {
  readonly id: string;
  readonly auth: SigningKey;
  readonly sign: SigningKey;
  readonly box: BoxKey;
  readonly certificate: string;
}

/** An organisation with all its private keys, as only its own people would hold them. */
export interface TestOrganisation extends Named {
  readonly root: SigningKey;
  readonly coordinator: SigningKey;
  readonly service: Named;
  readonly epoch: TestEpoch;
  readonly device: TestDevice;
  readonly entries: { readonly organisation: string; readonly coordinatorKey: string };
}

/** Where and when: from `GET /v1/network`. */
export interface Setting {
  readonly network: string;
  readonly today: string;
}

export interface FoundingBody {
  token: string;
  organisations: string[];
  charter: { text: string; signatures: string[] };
  coordinatorKeys: string[];
  serviceKeys: string[];
  devices: { certificate: string; box: string }[];
}

export const freshKey = (): SigningKey => signingKey(randomBytes(32));

export function jwkOf({ publicKey }: SigningKey): { kty: 'OKP'; crv: 'Ed25519'; x: string } {
  return { kty: 'OKP', crv: 'Ed25519', x: toBase64url(publicKey) };
}

export function inDays(day: string, days: number): string {
  return new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);
}

export function givenOrganisation(at: Setting, name: string): TestOrganisation {
  const organisation = { id: newId(), name };
  const root = freshKey();
  const coordinator = freshKey();
  const service = { id: newId(), name: `${name}, accueil` };
  const epoch = givenEpoch(at, { organisation, service, coordinator, previous: null });
  const device = givenDevice(at, { organisation, coordinator, role: 'coordinator', services: [service.id] });
  const common = { network: at.network, organisation: organisation.id };
  const entries = {
    organisation: sign('organisation+jws', { ...common, name, key: toBase64url(root.publicKey) }, root),
    coordinatorKey: coordinatorEntry(at, organisation, coordinator, root),
  };
  return { ...organisation, root, coordinator, service, epoch, device, entries };
}

export function coordinatorEntry(at: Setting, { id }: Named, key: SigningKey, root: SigningKey): string {
  const days = { from: at.today, until: inDays(at.today, 730) };
  const payload = { network: at.network, organisation: id, key: toBase64url(key.publicKey), ...days };
  return sign('coordinator-key+jws', payload, root);
}

export interface EpochOf {
  readonly organisation: Named;
  readonly service: Named;
  readonly coordinator: SigningKey;
  readonly previous: string | null;
  readonly number?: number;
  readonly change?: Partial<Payload<'service-key+jws'>>;
}

export function givenEpoch(at: Setting, of: EpochOf): TestEpoch {
  const keys = epochKeys(randomBytes(32));
  const month = at.today.slice(0, 7);
  const epoch = `${month}.${String(of.number ?? 1)}`;
  const { id, name } = of.organisation;
  const payload = {
    network: at.network,
    organisation: { id, name },
    service: of.service,
    epoch,
    box: toBase64url(keys.box.publicKey),
    boxId: toBase64url(keys.box.id),
    key: toBase64url(keys.sign.publicKey),
    from: at.today,
    until: inDays(at.today, 31),
    previous: of.previous === null ? null : toBase64url(hashText(of.previous)),
    ...of.change,
  };
  return { epoch, keys, entry: sign('service-key+jws', JSON.stringify(payload), of.coordinator) };
}

export interface DeviceOf {
  readonly organisation: Named;
  readonly coordinator: SigningKey;
  readonly role: Payload<'device-certificate+jws'>['role'];
  readonly services: readonly string[];
  readonly change?: Partial<Payload<'device-certificate+jws'>>;
}

export function givenDevice(at: Setting, of: DeviceOf): TestDevice {
  const keys = { id: newId(), auth: freshKey(), sign: freshKey(), box: boxKey(randomBytes(32)) };
  return { ...keys, certificate: certificateFor(at, of, keys) };
}

export function certificateFor(at: Setting, of: DeviceOf, keys: Omit<TestDevice, 'certificate'>): string {
  const payload = {
    network: at.network,
    organisation: of.organisation.id,
    device: keys.id,
    role: of.role,
    services: [...of.services],
    auth: jwkOf(keys.auth),
    key: toBase64url(keys.sign.publicKey),
    boxId: toBase64url(keys.box.id),
    from: at.today,
    until: inDays(at.today, 179),
    ...of.change,
  };
  return sign('device-certificate+jws', JSON.stringify(payload), of.coordinator);
}

export function charterSignature(at: Setting, text: string, root: SigningKey): string {
  const payload = {
    network: at.network,
    version: 1,
    textHash: textHash(text),
    from: at.today,
    previous: null,
  };
  return sign('charter+jws', payload, root);
}

/** One request that founds a network of these organisations. */
export function foundingBody(
  at: Setting,
  token: string,
  founders: readonly TestOrganisation[],
): FoundingBody {
  const members = founders.map(({ id, root }) => ({ organisation: id, root: root.kid }));
  const text = canonicalText(defaultCharter('Réseau d’essai', members));
  return {
    token,
    organisations: founders.map(({ entries }) => entries.organisation),
    charter: { text, signatures: founders.map(({ root }) => charterSignature(at, text, root)) },
    coordinatorKeys: founders.map(({ entries }) => entries.coordinatorKey),
    serviceKeys: founders.map(({ epoch }) => epoch.entry),
    devices: founders.map(({ device }) => ({
      certificate: device.certificate,
      box: toBase64url(device.box.publicKey),
    })),
  };
}
