import { fromBase64url } from './bytes.js';
import { thumbprint } from './crypto/keys.js';
import { refuse } from './errors.js';
import type { Registry } from './registry.js';
import { coordinatorKeys, epochsOf } from './registry-keys.js';
import type { Payload } from './schemas/signed.js';
import { readUnverified, verifySigned } from './signed.js';

const MAX_CERTIFICATE_DAYS = 180;
const DAY_MS = 86_400_000;

export interface Inner<K extends 'handoff+jws' | 'message+jws'> {
  readonly payload: Payload<K>;
  /** Those of the named services that the signer's certificate lists. */
  readonly services: readonly string[];
}

/** For which services, and on which day, the device's certificate must be good. */
export interface Entitled {
  readonly services: readonly string[];
  readonly day: string;
}

/**
 * The signed object inside an envelope: first the certificate, up to a coordinator whom the registry shows, then the
 * signature by the certificate's key. Whoever sealed the envelope controls all of it.
 */
export function verifyInner<K extends 'handoff+jws' | 'message+jws'>(
  text: string,
  typ: K,
  entitled: Entitled,
  registry: Registry,
): Inner<K> {
  const claimed = readPayload(text) as { certificate?: unknown } | null;
  const certificate = verifyCertificate(claimed?.certificate, entitled, registry);
  const key = fromBase64url(certificate.key);
  const services = entitled.services.filter((service) => certificate.services.includes(service));
  return { payload: verifyInnerSignature(text, typ, key), services };
}

/** The signature alone, by a key that is known already: the person's code, say. */
export function verifyInnerSignature<K extends 'handoff+jws' | 'message+jws'>(
  text: string,
  typ: K,
  key: Uint8Array,
): Payload<K> {
  try {
    return verifySigned(text, typ, new Map([[thumbprint(key), key]])).payload;
  } catch {
    return refuse('inner-jws');
  }
}

/** The payload before its signature is verified: only to find the certificate in it. */
export function readPayload(text: string): unknown {
  try {
    return readUnverified(text).payload;
  } catch {
    return refuse('inner-jws');
  }
}

/** A device's certificate: signed by an unrevoked coordinator of its organisation, in force, for one of the services. */
export function verifyCertificate(
  text: unknown,
  { services, day }: Entitled,
  registry: Registry,
): Payload<'device-certificate+jws'> {
  const certificate = verifyByCoordinator(text, registry);
  const { organisation, from, until } = certificate;
  const days = (Date.parse(until) - Date.parse(from)) / DAY_MS + 1;
  const serves = services.some(
    (service) =>
      certificate.services.includes(service) &&
      epochsOf(registry, service).some((epoch) => epoch.organisation.id === organisation),
  );
  if (certificate.network !== registry.trust.network || !serves) refuse('certificate');
  if (day < from || day > until || days < 1 || days > MAX_CERTIFICATE_DAYS) refuse('certificate');
  return certificate;
}

function verifyByCoordinator(text: unknown, registry: Registry): Payload<'device-certificate+jws'> {
  if (typeof text !== 'string') refuse('certificate');
  try {
    const { kid, payload } = verifySigned(text, 'device-certificate+jws', coordinatorKeys(registry));
    if (registry.coordinators.get(kid)?.organisation === payload.organisation) return payload;
  } catch {
    // One refusal for every way in which a certificate can be wrong.
  }
  return refuse('certificate');
}
