import { toBase64url } from '../../../protocol/bytes.js';
import { charterHash, parseCharter } from '../../../protocol/charter.js';
import { refuse } from '../../../protocol/errors.js';
import { coordinatorKeys } from '../../../protocol/registry-keys.js';
import { emptyRegistry, followRegistry, type Registry } from '../../../protocol/registry.js';
import { readUnverified } from '../../../protocol/signed.js';
import { claimedOrganisation, verifyCertificate, type CertifiedDevice } from '../devices/certificate.rules.js';

/** What the founders send; who writes it is known only once all of it holds. */
export interface Founding {
  readonly organisations: readonly string[];
  readonly charter: { readonly text: string; readonly signatures: readonly string[] };
  readonly coordinatorKeys: readonly string[];
  readonly serviceKeys: readonly string[];
  readonly devices: readonly { readonly certificate: string; readonly box: string }[];
}

export interface VerifiedFounding {
  readonly entries: readonly string[];
  /** Thumbprints of the founders' roots: what this server trusts from now on. */
  readonly roots: readonly string[];
  readonly charterHash: Uint8Array;
  /** First day on which the charter holds. */
  readonly from: string;
  readonly devices: readonly CertifiedDevice[];
}

/** The registry's first entries, in the order in which each can be verified from those before it. */
export function foundingEntries(founding: Founding): string[] {
  const { organisations, charter, coordinatorKeys: coordinators, serviceKeys } = founding;
  return [...organisations, ...charter.signatures, ...coordinators, ...serviceKeys];
}

/**
 * Everything that must hold before a network exists: each list has its own kind only; every founder's root has signed
 * the charter and is a member in it, and nobody else is; every founder has a device that can act for it.
 * @throws Refused
 */
export function verifyFounding(founding: Founding, network: string, today: string): VerifiedFounding {
  requireKinds(founding);
  const entries = foundingEntries(founding);
  const roots = founding.organisations.map((entry) => readUnverified(entry).header.kid);
  if (new Set(roots).size !== roots.length) refuse('duplicate');
  const registry = followRegistry(emptyRegistry({ network, roots }), entries);
  const hash = charterHash(founding.charter.text);
  const from = requireCharter(registry, founding.charter, hash, today);
  return { entries, roots, charterHash: hash, from, devices: verifyDevices(founding, registry, today) };
}

function requireKinds(founding: Founding): void {
  requireTyp(founding.organisations, 'organisation+jws');
  requireTyp(founding.charter.signatures, 'charter+jws');
  requireTyp(founding.coordinatorKeys, 'coordinator-key+jws');
  requireTyp(founding.serviceKeys, 'service-key+jws');
}

function requireTyp(texts: readonly string[], typ: string): void {
  if (!texts.every((text) => readUnverified(text).header.typ === typ)) refuse('typ');
}

/** One charter, version 1, in force today, with these very bytes; signed once by each member, and by members only. */
function requireCharter(registry: Registry, charter: Founding['charter'], hash: Uint8Array, today: string): string {
  const [signed, another] = registry.charters;
  if (signed?.version !== 1 || another) return refuse('charter');
  if (signed.textHash !== toBase64url(hash) || signed.from > today) refuse('charter');
  const { members } = parseCharter(charter.text);
  const founders = [...registry.organisations.values()].map(({ id, kid }) => `${id} ${kid}`);
  const named = members.map(({ organisation, root }) => `${organisation} ${root}`);
  if (!sameSet(named, founders)) refuse('members');
  const roots = [...registry.organisations.values()].map(({ kid }) => kid);
  if (!sameSet(signed.signers, roots)) refuse('signer');
  return signed.from;
}

/** Equal as sets, and neither with a repetition. */
function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && new Set(a).size === a.length && b.every((item) => a.includes(item));
}

function verifyDevices(founding: Founding, registry: Registry, today: string): CertifiedDevice[] {
  const devices = founding.devices.map(({ certificate, box }) => {
    const organisation = claimedOrganisation(certificate);
    const coordinators = coordinatorKeys(registry, organisation);
    const services = servicesOf(registry, organisation);
    const within = { network: registry.trust.network, organisation, coordinators, services, today };
    return verifyCertificate(certificate, box, within);
  });
  for (const id of registry.organisations.keys()) requireCoordinator(devices, id);
  return devices;
}

function requireCoordinator(devices: readonly CertifiedDevice[], organisation: string): void {
  const can = devices.some(
    ({ certificate }) => certificate.organisation === organisation && certificate.role === 'coordinator',
  );
  if (!can) refuse('coordinator');
}

/** Ids of every service for which an organisation has registered a key. */
export function servicesOf(registry: Registry, organisation: string): Set<string> {
  const own = [...registry.serviceKeys.values()].filter((key) => key.organisation.id === organisation);
  return new Set(own.map((key) => key.service.id));
}
