import { CERTIFICATE_DAYS, daysBetween } from '../encoding/days.js';
import { refuse, refuseAs } from '../encoding/errors.js';
import type { RegisteredCoordinator, Registry } from './registry.js';
import { epochsOf, wasInForce, wasRevoked } from './registry-keys.js';
import type { Payload } from '../schemas/signed.js';
import { readHeader, verifySigned } from '../encoding/signed.js';

export type Certificate = Payload<'device-certificate+jws'>;

/** For which services, and on which day, the device's certificate must be good. */
export interface Entitled {
  readonly services: readonly string[];
  readonly day: string;
}

/**
 * A device's certificate, issued by an entitled coordinator, in force on that day for one of the services.
 */
export function verifyCertificate(
  text: unknown,
  { services, day }: Entitled,
  registry: Registry,
): Certificate {
  const { certificate, coordinator } = verifyIssued(text, registry);
  const { organisation, from, until } = certificate;
  const serves = services.some(
    (service) =>
      certificate.services.includes(service) &&
      epochsOf(registry, service).some((epoch) => epoch.organisation.id === organisation),
  );
  if (!serves || day < from || day > until || wasRevoked(coordinator, day)) refuse('certificate');
  return certificate;
}

export interface Issued {
  readonly certificate: Certificate;
  readonly coordinator: RegisteredCoordinator;
}

/**
 * A certificate that a coordinator of its organisation could issue on the day on which it begins: within the
 * days of the coordinator's key, and before any day from which that key is revoked. Whoever sends it chose
 * all of its bytes.
 */
export function verifyIssued(text: unknown, registry: Registry): Issued {
  const { certificate, coordinator } = verifyByCoordinator(text, registry);
  const { from, until } = certificate;
  const days = daysBetween(from, until) + 1;
  if (days < 1 || days > CERTIFICATE_DAYS) refuse('certificate');
  if (!wasInForce(coordinator, from) || from === coordinator.revokedFrom) refuse('certificate');
  return { certificate, coordinator };
}

/**
 * A certificate by a coordinator of its organisation, whatever has become of that coordinator or of the days.
 */
export function verifyByCoordinator(text: unknown, registry: Registry): Issued {
  if (typeof text !== 'string') refuse('certificate');
  try {
    const coordinator = registry.coordinators.get(readHeader(text).kid) ?? refuse('kid');
    const keyring = new Map([[coordinator.kid, coordinator.key]]);
    const { payload: certificate } = verifySigned(text, 'device-certificate+jws', keyring);
    if (certificate.network !== registry.trust.network) refuse('network');
    if (certificate.organisation !== coordinator.organisation) refuse('signer');
    return { certificate, coordinator };
  } catch (error) {
    // One refusal for every way in which a certificate can be wrong.
    return refuseAs('certificate', error);
  }
}
