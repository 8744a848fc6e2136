import { fromBase64url, toBase64url } from './bytes.js';
import { boxKeyId, thumbprint } from './crypto/keys.js';
import { refuse } from './errors.js';
import type { Payload } from './schemas/signed.js';
import { hashText, readUnverified, verifySigned, type Keyring } from './signed.js';

/** What a verifier is given beforehand and takes from nobody else. */
export interface Trust {
  readonly network: string;
  /** Thumbprints of the founders' root keys. */
  readonly roots: readonly string[];
}

export interface RegisteredOrganisation {
  readonly id: string;
  readonly name: string;
  readonly key: Uint8Array;
  readonly kid: string;
}

/** Indexes are those of registry entries; `revokedAt` is the entry that revoked the key. */
export interface RegisteredCoordinator {
  readonly kid: string;
  readonly organisation: string;
  readonly key: Uint8Array;
  readonly from: string;
  readonly until: string;
  readonly index: number;
  readonly revokedAt?: number;
}

export interface RegisteredServiceKey {
  readonly kid: string;
  readonly organisation: { readonly id: string; readonly name: string };
  readonly service: { readonly id: string; readonly name: string };
  readonly epoch: string;
  readonly box: Uint8Array;
  /** Key id, base64url. */
  readonly boxId: string;
  /** Raw Ed25519 key of the service's statements. */
  readonly key: Uint8Array;
  readonly from: string;
  readonly until: string;
  readonly index: number;
  readonly revokedAt?: number;
}

export interface RegisteredCharter {
  readonly version: number;
  readonly textHash: string;
  readonly from: string;
  /** Thumbprints of the roots that signed it. */
  readonly signers: readonly string[];
}

/** The state that the clear entries of the registry log add up to. Never changed in place. */
export interface Registry {
  readonly trust: Trust;
  readonly entries: readonly string[];
  readonly organisations: ReadonlyMap<string, RegisteredOrganisation>;
  readonly coordinators: ReadonlyMap<string, RegisteredCoordinator>;
  readonly serviceKeys: ReadonlyMap<string, RegisteredServiceKey>;
  readonly charters: readonly RegisteredCharter[];
}

export function emptyRegistry(trust: Trust): Registry {
  return {
    trust,
    entries: [],
    organisations: new Map(),
    coordinators: new Map(),
    serviceKeys: new Map(),
    charters: [],
  };
}

/**
 * Follows the registry over further entries, in their order. Refuses at the first that does not hold: whoever runs the
 * log writes them, so each must be signed by a key that earlier entries, or the trusted roots, entitle to it.
 */
export function followRegistry(registry: Registry, fresh: readonly string[]): Registry {
  if (fresh.length === 0) return registry;
  const follower = new Follower(registry);
  for (const entry of fresh) follower.append(entry);
  return follower.registry();
}

class Follower {
  private readonly entries: string[];
  private readonly organisations: Map<string, RegisteredOrganisation>;
  private readonly coordinators: Map<string, RegisteredCoordinator>;
  private readonly serviceKeys: Map<string, RegisteredServiceKey>;
  private readonly charters: RegisteredCharter[];
  private readonly keyring: Map<string, Uint8Array>;
  /** Hash of each entry's text → its typ. */
  private readonly hashes = new Map<string, string>();
  private readonly latest = new Map<string, string>();

  constructor(private readonly before: Registry) {
    this.entries = [...before.entries];
    this.organisations = new Map(before.organisations);
    this.coordinators = new Map(before.coordinators);
    this.serviceKeys = new Map(before.serviceKeys);
    this.charters = [...before.charters];
    this.keyring = new Map();
    for (const { kid, key } of [...before.organisations.values(), ...before.coordinators.values()])
      this.keyring.set(kid, key);
    for (const entry of before.entries) this.remember(entry, readUnverified(entry).header.typ);
    for (const { service, index } of before.serviceKeys.values())
      this.latest.set(service.id, before.entries[index] ?? '');
  }

  registry(): Registry {
    const { entries, organisations, coordinators, serviceKeys, charters } = this;
    return { trust: this.before.trust, entries, organisations, coordinators, serviceKeys, charters };
  }

  append(entry: string): void {
    const { header, payload } = readUnverified(entry);
    switch (header.typ) {
      case 'organisation+jws':
        this.organisation(entry, payload);
        break;
      case 'coordinator-key+jws':
        this.coordinatorKey(this.verify(entry, header.typ), header.kid);
        break;
      case 'service-key+jws':
        this.serviceKey(entry, this.verify(entry, header.typ), header.kid);
        break;
      case 'revocation+jws':
        this.revocation(this.verify(entry, header.typ), header.kid);
        break;
      case 'charter+jws':
        this.charter(this.verify(entry, header.typ), header.kid);
        break;
      default:
        refuse('typ');
    }
    if (this.hashes.has(textHash(entry))) refuse('chain');
    this.remember(entry, header.typ);
    this.entries.push(entry);
  }

  private remember(entry: string, typ: string): void {
    this.hashes.set(textHash(entry), typ);
  }

  private verify<K extends RegistryTyp>(entry: string, typ: K, keyring: Keyring = this.keyring): Payload<K> {
    const { payload } = verifySigned(entry, typ, keyring);
    if (payload.network !== this.before.trust.network) refuse('network');
    return payload;
  }

  /** An organisation signs itself in with its root key; whether it belongs here, the trusted roots say. */
  private organisation(entry: string, unverified: unknown): void {
    const key = ownKey(unverified);
    const own = key && new Map([...this.keyring, [thumbprint(key), key]]);
    const payload = this.verify(entry, 'organisation+jws', own);
    const root = fromBase64url(payload.key);
    const kid = readUnverified(entry).header.kid;
    if (kid !== thumbprint(root) || !this.before.trust.roots.includes(kid)) refuse('signer');
    if (this.organisations.has(payload.organisation)) refuse('chain');
    this.organisations.set(payload.organisation, {
      id: payload.organisation,
      name: payload.name,
      key: root,
      kid,
    });
    this.keyring.set(kid, root);
  }

  private coordinatorKey(payload: Payload<'coordinator-key+jws'>, signer: string): void {
    const { organisation, from, until } = payload;
    if (!this.isRoot(signer, organisation)) refuse('signer');
    if (until < from) refuse('dates');
    const key = fromBase64url(payload.key);
    const kid = thumbprint(key);
    if (this.isKnown(kid)) refuse('chain');
    this.coordinators.set(kid, { kid, organisation, key, from, until, index: this.entries.length });
    this.keyring.set(kid, key);
  }

  private serviceKey(entry: string, payload: Payload<'service-key+jws'>, signer: string): void {
    const { organisation, service, epoch, from, until, boxId } = payload;
    if (!this.isCoordinator(signer, organisation.id)) refuse('signer');
    if (organisation.name !== this.organisations.get(organisation.id)?.name) refuse('name');
    if (until < from || !from.startsWith(epoch.slice(0, 7))) refuse('dates');
    const box = fromBase64url(payload.box);
    if (toBase64url(boxKeyId(box)) !== boxId) refuse('key-id');
    this.requireChain(payload);
    const key = fromBase64url(payload.key);
    const kid = thumbprint(key);
    if (this.isKnown(kid)) refuse('chain');
    const index = this.entries.length;
    this.serviceKeys.set(kid, { kid, organisation, service, epoch, box, boxId, key, from, until, index });
    this.latest.set(service.id, entry);
  }

  /** Each key of a service names the one before it, belongs to the same organisation, and cites only what is there. */
  private requireChain({ organisation, service, previous, revocation }: Payload<'service-key+jws'>): void {
    const last = this.latest.get(service.id);
    if (previous !== (last === undefined ? null : textHash(last))) refuse('chain');
    const known = [...this.serviceKeys.values()].find((shown) => shown.service.id === service.id);
    if (known && known.organisation.id !== organisation.id) refuse('signer');
    if (revocation !== undefined && this.hashes.get(revocation) !== 'revocation+jws') refuse('chain');
  }

  private revocation(payload: Payload<'revocation+jws'>, signer: string): void {
    const { organisation, key } = payload;
    if (!this.isRoot(signer, organisation) && !this.isCoordinator(signer, organisation)) refuse('signer');
    const revokedAt = this.entries.length;
    const service = this.serviceKeys.get(key);
    const coordinator = this.coordinators.get(key);
    const owner = service?.organisation.id ?? coordinator?.organisation ?? refuse('chain');
    if (owner !== organisation) refuse('signer');
    if (service) this.serviceKeys.set(key, { revokedAt, ...service });
    if (coordinator) this.coordinators.set(key, { revokedAt, ...coordinator });
  }

  /** Version 1 is signed by founders' roots, each with an entry of its own over the same text. */
  private charter(payload: Payload<'charter+jws'>, signer: string): void {
    const { version, textHash: hash, from } = payload;
    if (![...this.organisations.values()].some((organisation) => organisation.kid === signer))
      refuse('signer');
    const known = this.charters.findIndex((charter) => charter.version === version);
    const signers = [...(this.charters[known]?.signers ?? []), signer];
    if (known < 0) this.charters.push({ version, textHash: hash, from, signers });
    else if (this.charters[known]?.textHash !== hash) refuse('chain');
    else this.charters[known] = { version, textHash: hash, from, signers };
  }

  private isKnown(kid: string): boolean {
    return this.keyring.has(kid) || this.serviceKeys.has(kid);
  }

  private isRoot(kid: string, organisation: string): boolean {
    return this.organisations.get(organisation)?.kid === kid;
  }

  /** A revoked coordinator key signs nothing more. */
  private isCoordinator(kid: string, organisation: string): boolean {
    const coordinator = this.coordinators.get(kid);
    return coordinator?.organisation === organisation && coordinator.revokedAt === undefined;
  }
}

type RegistryTyp =
  'organisation+jws' | 'coordinator-key+jws' | 'service-key+jws' | 'revocation+jws' | 'charter+jws';

function textHash(entry: string): string {
  return toBase64url(hashText(entry));
}

function ownKey(payload: unknown): Uint8Array | undefined {
  const key = (payload as { key?: unknown } | null)?.key;
  return typeof key === 'string' ? fromBase64url(key) : undefined;
}
