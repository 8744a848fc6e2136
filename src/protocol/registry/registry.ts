import { endedBy, proposed, signedBy, type RegisteredAgreement } from './agreements.js';
import { fromBase64url, toBase64url } from '../encoding/bytes.js';
import { boxKeyId, thumbprint } from '../crypto/keys.js';
import { checkText, Refused, refuse } from '../encoding/errors.js';
import type {
  LogRecord,
  RegisteredCharter,
  RegisteredCoordinator,
  RegisteredOrganisation,
  RegisteredServiceKey,
  RegisteredWebApp,
  RegisteredWitness,
  ServiceHead,
  Registry,
} from './registered.js';
import { withNextYear, isClosed, withYearBegun, withRestore } from './registry-logs.js';
import { SIGNED, type Payload } from '../schemas/signed.js';
import { hashText, readUnverified, verifySigned, type Keyring } from '../encoding/signed.js';

export { emptyRegistry } from './registered.js';
export type * from './registered.js';

/**
 * Follows the registry over further entries, in their order. Refuses at the first that does not hold: whoever
 * runs the log writes them, so each must be signed by a key that earlier entries, or the trusted roots,
 * entitle to it. The state is copied once per call, and no earlier entry is read again. Of a newer version's
 * kinds notes are passed over; from the first other one on (`upgrade`) entries are only kept and counted, but
 * for the log's own words: so the log is followed on, and nobody acts by what is not understood.
 */
export function followRegistry(registry: Registry, fresh: readonly string[]): Registry {
  if (fresh.length === 0) return registry;
  const follower = new Follower(registry);
  for (const entry of fresh) checkText(entry, () => follower.append(entry));
  return follower.registry();
}

class Follower {
  readonly entries: string[];
  readonly organisations: Map<string, RegisteredOrganisation>;
  private readonly coordinators: Map<string, RegisteredCoordinator>;
  private readonly serviceKeys: Map<string, RegisteredServiceKey>;
  private readonly witnesses: Map<string, RegisteredWitness>;
  private readonly webApps: Map<string, RegisteredWebApp>;
  private log: LogRecord;
  private readonly charters: RegisteredCharter[];
  private readonly agreements: Map<string, RegisteredAgreement>;
  private readonly keyring: Map<string, Uint8Array>;
  private readonly hashes: Map<string, string>;
  readonly serviceHeads: Map<string, ServiceHead>;
  private upgrade: Registry['upgrade'];

  constructor(private readonly before: Registry) {
    this.entries = [...before.entries];
    this.organisations = new Map(before.organisations);
    this.coordinators = new Map(before.coordinators);
    this.serviceKeys = new Map(before.serviceKeys);
    this.witnesses = new Map(before.witnesses);
    this.webApps = new Map(before.webApps);
    this.log = before;
    this.charters = [...before.charters];
    this.agreements = new Map(before.agreements);
    this.hashes = new Map(before.hashes);
    this.serviceHeads = new Map(before.serviceHeads);
    this.upgrade = before.upgrade;
    this.keyring = new Map();
    for (const { kid, key } of [...before.organisations.values(), ...before.coordinators.values()])
      this.keyring.set(kid, key);
  }

  registry(): Registry {
    const { entries, organisations, coordinators, serviceKeys, hashes, serviceHeads } = this;
    const { witnesses, webApps, charters, agreements, log } = this;
    const { trust } = this.before;
    const shown = { organisations, coordinators, serviceKeys, witnesses, webApps, charters };
    const { upgrade } = this;
    return {
      ...log,
      trust,
      entries,
      ...shown,
      agreements,
      hashes,
      serviceHeads,
      ...(upgrade && { upgrade }),
    };
  }

  append(entry: string): void {
    const read = readUnverified(entry);
    const { typ } = read.header;
    if (isClosed(this.log) && typ !== 'log-opening+jws') refuse('chain');
    if (OF_THE_LOG.includes(typ)) this.applyLogEntry(entry, read);
    else if (!this.upgrade) this.interpret(entry, read);
    const hash = textHash(entry);
    if (this.hashes.has(hash)) refuse('chain');
    this.hashes.set(hash, typ);
    this.entries.push(entry);
  }

  /**
   * Nothing is changed before an entry's payload has been checked, so one that is not understood has changed
   * nothing.
   */
  private interpret(entry: string, read: Read): void {
    try {
      this.apply(entry, read);
    } catch (error) {
      if (!(error instanceof Refused) || error.check !== 'upgrade') throw error;
      this.upgrade = { index: this.entries.length, typ: read.header.typ };
    }
  }

  private apply(entry: string, { header, payload }: Read): void {
    switch (header.typ) {
      case 'organisation+jws':
        this.addOrganisation(entry, payload);
        break;
      case 'coordinator-key+jws':
        this.addCoordinatorKey(this.verify(entry, header.typ), header.kid);
        break;
      case 'service-key+jws':
        this.addServiceKey(entry, this.verify(entry, header.typ), header.kid);
        break;
      case 'revocation+jws':
        this.revokeKey(this.verify(entry, header.typ), header.kid);
        break;
      case 'witness+jws':
        this.addWitness(this.verify(entry, header.typ), header.kid);
        break;
      case 'web-app+jws':
        this.setWebApp(this.verify(entry, header.typ), header.kid);
        break;
      case 'charter+jws':
        this.addCharterSignature(this.verify(entry, header.typ), header.kid);
        break;
      case 'agreement+jws':
        this.addAgreementSignature(entry, this.verify(entry, header.typ), header.kid);
        break;
      case 'agreement-end+jws':
        this.endAgreement(this.verify(entry, header.typ), header.kid);
        break;
      default:
        requireIgnorable(header.typ, entry, payload, this.before.trust.network);
    }
  }

  private applyLogEntry(entry: string, { header, payload }: Read): void {
    switch (header.typ) {
      case 'log-restored+jws':
        this.log = withRestore(this.log, this.verifyOwn(entry, header.typ, payload), this.entries.length);
        break;
      case 'log-key+jws':
        this.log = withNextYear(this.log, this.verifyOwn(entry, header.typ, payload), this.entries.length);
        break;
      case 'log-opening+jws':
        this.log = withYearBegun(this.log, this.verifyOwn(entry, header.typ, payload), this.entries);
    }
  }

  private verify<K extends RegistryTyp>(entry: string, typ: K, keyring: Keyring = this.keyring): Payload<K> {
    const { payload } = verifySigned(entry, typ, keyring);
    if (payload.network !== this.before.trust.network) refuse('network', '/network');
    return payload;
  }

  /** An entry that is signed by the very key that it names. */
  private verifyOwn<K extends RegistryTyp>(entry: string, typ: K, unverified: unknown): Payload<K> {
    return this.verify(entry, typ, ringOf(unverified));
  }

  /** An organisation signs itself in with its root key; whether it belongs here, the trusted roots say. */
  private addOrganisation(entry: string, unverified: unknown): void {
    const own = new Map([...this.keyring, ...ringOf(unverified)]);
    const payload = this.verify(entry, 'organisation+jws', own);
    const root = fromBase64url(payload.key);
    const kid = readUnverified(entry).header.kid;
    if (kid !== thumbprint(root) || !this.before.trust.roots.includes(kid)) refuse('signer');
    if (this.organisations.has(payload.organisation) || this.isKnown(kid)) refuse('chain');
    this.organisations.set(payload.organisation, {
      id: payload.organisation,
      name: payload.name,
      key: root,
      kid,
    });
    this.keyring.set(kid, root);
  }

  private addCoordinatorKey(payload: Payload<'coordinator-key+jws'>, signer: string): void {
    const { organisation, from, until } = payload;
    if (!this.isRoot(signer, organisation)) refuse('signer');
    if (until < from) refuse('dates', '/until');
    const key = fromBase64url(payload.key);
    const kid = thumbprint(key);
    if (this.isKnown(kid)) refuse('chain');
    this.coordinators.set(kid, { kid, organisation, key, from, until, index: this.entries.length });
    this.keyring.set(kid, key);
  }

  private addServiceKey(entry: string, payload: Payload<'service-key+jws'>, signer: string): void {
    const { organisation, service, epoch, from, until, boxId } = payload;
    if (!this.isCoordinator(signer, organisation.id, from)) refuse('signer');
    if (organisation.name !== this.organisations.get(organisation.id)?.name)
      refuse('name', '/organisation/name');
    if (until < from || !from.startsWith(epoch.slice(0, 7))) refuse('dates');
    const box = fromBase64url(payload.box);
    if (toBase64url(boxKeyId(box)) !== boxId) refuse('key-id', '/boxId');
    this.requireChain(payload);
    const key = fromBase64url(payload.key);
    const kid = thumbprint(key);
    if (this.isKnown(kid)) refuse('chain');
    const index = this.entries.length;
    this.serviceKeys.set(kid, { kid, organisation, service, epoch, box, boxId, key, from, until, index });
    this.serviceHeads.set(service.id, { organisation: organisation.id, newest: textHash(entry) });
  }

  /**
   * Each key of a service names the one before it, belongs to the same organisation, and cites only what is
   * there.
   */
  private requireChain({ organisation, service, previous, revocation }: Payload<'service-key+jws'>): void {
    const head = this.serviceHeads.get(service.id);
    if (previous !== (head?.newest ?? null)) refuse('chain');
    if (head && head.organisation !== organisation.id) refuse('signer');
    if (revocation !== undefined && this.hashes.get(revocation) !== 'revocation+jws') refuse('chain');
  }

  private revokeKey(payload: Payload<'revocation+jws'>, signer: string): void {
    const { organisation, key, from: revokedFrom } = payload;
    if (!this.isRoot(signer, organisation) && !this.isCoordinator(signer, organisation, revokedFrom))
      refuse('signer');
    const revocation = { revokedAt: this.entries.length, revokedFrom };
    const service = this.serviceKeys.get(key);
    const other = this.coordinators.get(key) ?? this.witnesses.get(key);
    const owner = service?.organisation.id ?? other?.organisation ?? refuse('chain');
    if (owner !== organisation) refuse('signer');
    if (service) this.serviceKeys.set(key, { ...revocation, ...service });
    const coordinator = this.coordinators.get(key);
    if (coordinator) this.coordinators.set(key, { ...revocation, ...coordinator });
    const witness = this.witnesses.get(key);
    if (witness) this.witnesses.set(key, { ...revocation, ...witness });
  }

  private setWebApp({ organisation, manifest, from }: Payload<'web-app+jws'>, signer: string): void {
    if (!this.isCoordinator(signer, organisation, from)) refuse('signer');
    this.webApps.set(organisation, { organisation, manifest, index: this.entries.length });
  }

  /** One organisation, one witness: another key comes after the revocation of the one before. */
  private addWitness({ organisation, key: text, url, from }: Payload<'witness+jws'>, signer: string): void {
    if (!this.isCoordinator(signer, organisation, from)) refuse('signer');
    const isWitness = (other: RegisteredWitness): boolean =>
      other.organisation === organisation && other.revokedAt === undefined;
    if ([...this.witnesses.values()].some(isWitness)) refuse('witness');
    const key = fromBase64url(text);
    const kid = thumbprint(key);
    if (this.isKnown(kid)) refuse('chain');
    const at = url === undefined ? {} : { url };
    this.witnesses.set(kid, { kid, organisation, key, ...at, index: this.entries.length });
  }

  /**
   * Version 1: each founder's root signs the same words once, with an entry of its own. A later version needs
   * a decision, and nothing here can count votes yet: it is refused rather than believed.
   */
  private addCharterSignature(payload: Payload<'charter+jws'>, signer: string): void {
    if (![...this.organisations.values()].some(({ kid }) => kid === signer)) refuse('signer');
    const { version, textHash: hash, from, previous } = payload;
    if (version !== 1 || previous !== null) refuse('chain');
    const [shown] = this.charters;
    if (shown && (shown.textHash !== hash || shown.from !== from)) refuse('chain');
    const signers = shown?.signers ?? [];
    if (signers.includes(signer)) refuse('chain');
    this.charters[0] = { version, textHash: hash, from, signers: [...signers, signer] };
  }

  /** The first party to sign proposes; the agreement holds when each has signed the same bytes. */
  private addAgreementSignature(entry: string, terms: Payload<'agreement+jws'>, signer: string): void {
    const organisation = this.coordinatorsOf(signer, terms.from, terms.until);
    const signedText = entry.slice(entry.indexOf('.') + 1, entry.lastIndexOf('.'));
    const before = this.agreements.get(terms.agreement) ?? proposed(terms, signedText, this);
    this.agreements.set(terms.agreement, signedBy(before, { organisation, signedText }));
  }

  private endAgreement(end: Payload<'agreement-end+jws'>, signer: string): void {
    if (this.coordinatorsOf(signer, end.from, '9999-12-31') !== end.organisation) refuse('signer');
    const before = this.agreements.get(end.agreement) ?? refuse('chain');
    this.agreements.set(end.agreement, endedBy(before, end));
  }

  /** The organisation for which an unrevoked coordinator key may sign what concerns these days. */
  private coordinatorsOf(kid: string, from: string, until: string): string {
    const coordinator = this.coordinators.get(kid) ?? refuse('signer');
    const isUsable = coordinator.revokedAt === undefined && coordinator.from <= until;
    return isUsable && coordinator.until >= from ? coordinator.organisation : refuse('signer');
  }

  private isKnown(kid: string): boolean {
    return this.keyring.has(kid) || this.serviceKeys.has(kid) || this.witnesses.has(kid);
  }

  private isRoot(kid: string, organisation: string): boolean {
    return this.organisations.get(organisation)?.kid === kid;
  }

  /**
   * A revoked coordinator key signs nothing more, and one that lives nothing that begins outside its own
   * days.
   */
  private isCoordinator(kid: string, organisation: string, day: string): boolean {
    const coordinator = this.coordinators.get(kid);
    if (coordinator?.organisation !== organisation || coordinator.revokedAt !== undefined) return false;
    return coordinator.from <= day && day <= coordinator.until;
  }
}

type Read = ReturnType<typeof readUnverified>;

/**
 * What the registry log says in its own name: understood always, or nobody could follow it into the next
 * year.
 */
const OF_THE_LOG: readonly string[] = ['log-restored+jws', 'log-key+jws', 'log-opening+jws'];
const IGNORABLE_LENGTH = 65_535;

/**
 * A note never changes what any other entry may do: that is what makes it a note, and why one of an unknown
 * kind is passed over. Every other unknown kind may be an exclusion. One that is known, and has no place in
 * the registry, is neither.
 */
function requireIgnorable(typ: string, entry: string, payload: unknown, network: string): void {
  if (Object.hasOwn(SIGNED, typ)) refuse('typ');
  if (!/^[a-z0-9-]+-note\+jws$/.test(typ)) refuse('upgrade');
  if (entry.length > IGNORABLE_LENGTH) refuse('too-large');
  if ((payload as { network?: unknown } | null)?.network !== network) refuse('network');
}

type RegistryTyp =
  | 'organisation+jws'
  | 'coordinator-key+jws'
  | 'service-key+jws'
  | 'revocation+jws'
  | 'witness+jws'
  | 'web-app+jws'
  | 'log-restored+jws'
  | 'log-key+jws'
  | 'log-opening+jws'
  | 'charter+jws'
  | 'agreement+jws'
  | 'agreement-end+jws';

function textHash(entry: string): string {
  return toBase64url(hashText(entry));
}

/** Of an entry that is signed by the very key that it names. */
function ringOf(payload: unknown): Map<string, Uint8Array> {
  const text = (payload as { key?: unknown } | null)?.key;
  const key = typeof text === 'string' ? fromBase64url(text) : undefined;
  return new Map(key && [[thumbprint(key), key]]);
}
