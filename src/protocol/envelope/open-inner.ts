import { fromBase64url } from '../encoding/bytes.js';
import { thumbprint } from '../crypto/keys.js';
import { verifyCertificate, type Entitled } from '../registry/device-certificate.js';
import { refuse, refuseAs } from '../encoding/errors.js';
import type { Registry } from '../registry/registry.js';
import type { Payload } from '../schemas/signed.js';
import { readUnverified, requirePayload, verifySigned } from '../encoding/signed.js';

export interface Inner<K extends 'handoff+jws' | 'message+jws'> {
  readonly payload: Payload<K>;
  /** Those of the named services that the signer's certificate lists. */
  readonly services: readonly string[];
}

/**
 * The signed object inside an envelope: first the certificate, up to a coordinator whom the registry shows,
 * then the signature by the certificate's key. Whoever sealed the envelope controls all of it.
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

/**
 * The same for a reader that follows no registry: the person's page. The signature is that of the certificate
 * inside; whether a coordinator of the service has signed that certificate, only who follows the registry can
 * tell.
 */
export function readInner<K extends 'handoff+jws' | 'message+jws'>(
  text: string,
  typ: K,
  services: readonly string[],
): Inner<K> {
  const claimed = readPayload(text) as { certificate?: unknown } | null;
  const certificate = readCertificate(claimed?.certificate);
  const named = services.filter((service) => certificate.services.includes(service));
  if (named.length === 0) refuse('certificate');
  return { payload: verifyInnerSignature(text, typ, fromBase64url(certificate.key)), services: named };
}

function readCertificate(text: unknown): Payload<'device-certificate+jws'> {
  if (typeof text !== 'string') refuse('certificate');
  try {
    return requirePayload('device-certificate+jws', readUnverified(text).payload);
  } catch (error) {
    return refuseAs('certificate', error);
  }
}

/** The signature alone, by a key that is known already: the person's code, say. */
export function verifyInnerSignature<K extends 'handoff+jws' | 'message+jws'>(
  text: string,
  typ: K,
  key: Uint8Array,
): Payload<K> {
  try {
    return verifySigned(text, typ, new Map([[thumbprint(key), key]])).payload;
  } catch (error) {
    return refuseAs('inner-jws', error);
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
