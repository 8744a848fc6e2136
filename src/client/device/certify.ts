import { newId, randomBytes, toBase64url } from '../../protocol/encoding/bytes.js';
import type { SigningKey } from '../../protocol/crypto/keys.js';
import { verifyIssued, type Certificate } from '../../protocol/registry/device-certificate.js';
import { refuse } from '../../protocol/encoding/errors.js';
import type { Registry } from '../../protocol/registry/registry.js';
import { sign } from '../../protocol/encoding/signed.js';
import { addDays, CERTIFICATE_DAYS } from '../../protocol/encoding/days.js';
import { deviceKeys, type DeviceKeys, type DeviceState } from './state.js';

/** The longest life of a device's certificate, its first and last day included. */

export interface NewDeviceKeys extends DeviceKeys {
  /** The seeds as they are kept, base64url. */
  readonly seeds: { readonly auth: string; readonly sign: string; readonly box: string };
}

export function newDeviceKeys(): NewDeviceKeys {
  const seeds = {
    auth: toBase64url(randomBytes(32)),
    sign: toBase64url(randomBytes(32)),
    box: toBase64url(randomBytes(32)),
  };
  return { ...deviceKeys(seeds), seeds };
}

export interface Certified {
  readonly network: string;
  readonly organisation: string;
  readonly role: DeviceState['role'];
  readonly services: readonly string[];
  readonly today: string;
  /** Public halves as the device itself signed them. */
  readonly auth:
    { kty: 'OKP'; crv: 'Ed25519'; x: string } | { kty: 'EC'; crv: 'P-256'; x: string; y: string };
  readonly key: string;
  readonly boxId: string;
}

/** A coordinator names a device: a fresh random pseudonym, no name, at most 180 days. */
export function certifyDevice(
  of: Certified,
  coordinator: SigningKey,
): { device: string; certificate: string } {
  const device = newId();
  const certificate = sign(
    'device-certificate+jws',
    {
      network: of.network,
      organisation: of.organisation,
      device,
      role: of.role,
      services: [...of.services],
      auth: of.auth,
      key: of.key,
      boxId: of.boxId,
      from: of.today,
      until: addDays(of.today, CERTIFICATE_DAYS - 1),
    },
    coordinator,
  );
  return { device, certificate };
}

/** The same device with the same keys, from today on. */
export function renewCertificate(certificate: Certificate, today: string, coordinator: SigningKey): string {
  const days = { from: today, until: addDays(today, CERTIFICATE_DAYS - 1) };
  return sign('device-certificate+jws', { ...certificate, ...days }, coordinator);
}

/** How long a coordinator's key is good for before the paper code must certify the next one. */
const COORDINATOR_DAYS = 730;

/** An organisation's root names a coordinator's key. */
export function certifyCoordinator(
  of: Pick<Certified, 'network' | 'organisation' | 'today'>,
  coordinator: SigningKey,
  root: SigningKey,
): string {
  const { network, organisation, today } = of;
  const key = toBase64url(coordinator.publicKey);
  const until = addDays(today, COORDINATOR_DAYS);
  return sign('coordinator-key+jws', { network, organisation, key, from: today, until }, root);
}

/** The public half of an Ed25519 key as certificates write it. */
export function publicJwk(key: SigningKey): { kty: 'OKP'; crv: 'Ed25519'; x: string } {
  return { kty: 'OKP', crv: 'Ed25519', x: toBase64url(key.publicKey) };
}

/**
 * What a certificate says of this device. A coordinator of the organisation must have issued it, and the keys
 * must be the device's own: a server that swapped them would be noticed here.
 */
export function readCertificate(
  text: string,
  keys: DeviceKeys,
  by: { readonly registry: Registry; readonly organisation: string },
): Certificate {
  const payload = verifyIssued(text, by.registry).certificate;
  const isOwn =
    payload.organisation === by.organisation &&
    payload.key === toBase64url(keys.sign.publicKey) &&
    payload.boxId === toBase64url(keys.box.id) &&
    payload.auth.x === toBase64url(keys.auth.publicKey);
  return isOwn ? payload : refuse('certificate');
}
