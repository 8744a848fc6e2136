import { Charter, parseCharter, textHash } from '../../../protocol/registry/charter.js';
import { checkText, refuse } from '../../../protocol/encoding/errors.js';
import { requirePlainText } from '../../../protocol/encoding/plain-text.js';
import { emptyRegistry, followRegistry, type Registry } from '../../../protocol/registry/registry.js';
import { requireUnderstood } from '../../../protocol/registry/registry-keys.js';
import { readHeader, readUnverified } from '../../../protocol/encoding/signed.js';
import {
  claimedOrganisation,
  type CertificateContext,
  verifyCertificate,
  type CertifiedDevice,
} from '../devices/certificate.rules.js';
import { requirePlainName } from '../registry/entries.rules.js';
import { currentCoordinators, servicesOf } from '../registry/registry.rules.js';

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
  readonly charter: Charter;
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
 * Everything that must hold before a network exists: each list has its own kind only; every founder's root
 * has signed the charter and is a member in it, and nobody else is; every founder has a device that can act
 * for it.
 * @throws Refused
 */
export function verifyFounding(founding: Founding, network: string, today: string): VerifiedFounding {
  requireKinds(founding);
  const entries = foundingEntries(founding);
  const roots = founding.organisations.map((entry) => readUnverified(entry).header.kid);
  if (new Set(roots).size !== roots.length) refuse('duplicate');
  const nothing = emptyRegistry({ network, roots });
  const registry = followRegistry(nothing, entries);
  requireUnderstood(registry);
  for (const entry of entries) requirePlainName(entry, nothing);
  const charter = parseCharter(founding.charter.text);
  requirePlainText(Charter, charter);
  const from = requireSigned(registry, founding.charter.text, today);
  requireMembers(registry, charter);
  return { entries, roots, charter, from, devices: verifyDevices(founding, registry, { today, charter }) };
}

function requireKinds(founding: Founding): void {
  requireTyp(founding.organisations, 'organisation+jws');
  requireTyp(founding.charter.signatures, 'charter+jws');
  requireTyp(founding.coordinatorKeys, 'coordinator-key+jws');
  requireTyp(founding.serviceKeys, 'service-key+jws');
}

function requireTyp(texts: readonly string[], typ: string): void {
  for (const text of texts) checkText(text, () => readHeader(text).typ === typ || refuse('typ'));
}

/**
 * One charter, its first version, with these very bytes, begun by today, signed once by each founder's root.
 */
function requireSigned(registry: Registry, text: string, today: string): string {
  const [signed, another] = registry.charters;
  if (signed?.version !== 1 || another || signed.textHash !== textHash(text)) return refuse('charter');
  if (signed.from > today) refuse('dates');
  const roots = [...registry.organisations.values()].map(({ kid }) => kid);
  if (!isSameSet(signed.signers, roots)) refuse('signer');
  return signed.from;
}

/** The charter's members are the founders with their roots, no more and no fewer. */
function requireMembers(registry: Registry, { version, members }: Charter): void {
  if (version !== 1) refuse('charter');
  const founders = [...registry.organisations.values()].map(({ id, kid }) => `${id} ${kid}`);
  const named = members.map(({ organisation, root }) => `${organisation} ${root}`);
  if (!isSameSet(named, founders)) refuse('members');
}

/** Equal as sets, and neither with a repetition. */
function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && new Set(a).size === a.length && b.every((item) => a.includes(item));
}

function verifyDevices(
  founding: Founding,
  registry: Registry,
  { today, charter }: Pick<CertificateContext, 'today' | 'charter'>,
): CertifiedDevice[] {
  const devices = founding.devices.map(({ certificate, box }) => {
    const organisation = claimedOrganisation(certificate);
    const coordinators = currentCoordinators(registry, organisation, today);
    const services = servicesOf(registry, organisation);
    const within = { network: registry.trust.network, organisation, coordinators, services, today, charter };
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
