import type { Checkpoint } from '../log/checkpoint.js';
import type { NoteKey } from '../log/note.js';
import type { Payload } from '../schemas/signed.js';

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

/**
 * Which entry revoked a key, and from which day on: what it was used for before that day stays as good as it
 * was.
 */
export interface Revocation {
  readonly revokedAt: number;
  readonly revokedFrom: string;
}

/** Indexes are those of registry entries. */
export interface RegisteredCoordinator extends Partial<Revocation> {
  readonly kid: string;
  readonly organisation: string;
  readonly key: Uint8Array;
  readonly from: string;
  readonly until: string;
  readonly index: number;
}

/** The keys of one epoch of a service, as its coordinator certified them. */
export interface RegisteredServiceKey extends Partial<Revocation> {
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
}

/** An organisation's witness: from its entry on its cosignature counts, until its key is revoked. */
export interface RegisteredWitness extends Partial<Revocation> {
  readonly kid: string;
  readonly organisation: string;
  readonly key: Uint8Array;
  readonly url?: string;
  readonly index: number;
}

/** The web app that an organisation vouches for: its last word. */
export interface RegisteredWebApp {
  readonly organisation: string;
  /** SHA-256 of the manifest, base64url. */
  readonly manifest: string;
  readonly index: number;
}

/** The network was put back from a backup: what was shown of trees larger than these is void. */
export interface RegisteredRestore {
  /** The tree from which the consent log goes on. The registry goes on from the entries before this one. */
  readonly consent: Checkpoint;
  readonly from: string;
  readonly index: number;
}

/**
 * A year's pair of logs. The first year's stand in the trust file; each later one's are the last entry
 * (`log-key+jws`) of the registry log of the year before.
 */
export interface RegisteredYear {
  readonly consent: NoteKey;
  readonly registry: NoteKey;
  /** How many entries the registry has from the years before: its log of this year begins there. */
  readonly first: number;
  /**
   * How the pair of the year before ended (`log-opening+jws`); undefined until this year's log has its first
   * entry.
   */
  readonly closed?: { readonly consent: Checkpoint; readonly registry: Checkpoint };
}

/** What the registry log says in its own name. */
export interface LogRecord {
  readonly restores: readonly RegisteredRestore[];
  /** All years but the first. */
  readonly years: readonly RegisteredYear[];
  /**
   * Raw key with which the first year's log has spoken, if it has. Whether it is that log's key, only who
   * knows it can tell: `requireOwnKey`.
   */
  readonly logKey?: Uint8Array;
}

export interface RegisteredCharter {
  readonly version: number;
  readonly textHash: string;
  readonly from: string;
  /** Thumbprints of the roots that signed it. */
  readonly signers: readonly string[];
}

/** An agreement as the registry shows it. */
export interface RegisteredAgreement {
  readonly terms: Payload<'agreement+jws'>;
  /** The payload as it was signed first: every party signs the same bytes. */
  readonly signedText: string;
  /** Organisations that have signed, in their order. */
  readonly signers: readonly string[];
  /** First day on which it no longer holds, where a party has ended it. */
  readonly endedFrom?: string;
  /** Place of the first signature in the registry. */
  readonly index: number;
}

/**
 * A service's place in the registry: whose it is, and the hash of its newest key's entry, which the next key
 * names.
 */
export interface ServiceHead {
  readonly organisation: string;
  readonly newest: string;
}

/** The state that the clear entries of the registry log add up to. Never changed in place. */
export interface Registry extends LogRecord {
  readonly trust: Trust;
  readonly entries: readonly string[];
  readonly organisations: ReadonlyMap<string, RegisteredOrganisation>;
  readonly coordinators: ReadonlyMap<string, RegisteredCoordinator>;
  readonly serviceKeys: ReadonlyMap<string, RegisteredServiceKey>;
  readonly witnesses: ReadonlyMap<string, RegisteredWitness>;
  /** By organisation. */
  readonly webApps: ReadonlyMap<string, RegisteredWebApp>;
  readonly charters: readonly RegisteredCharter[];
  readonly agreements: ReadonlyMap<string, RegisteredAgreement>;
  /** Hash of each entry's text, base64url → its typ: what later entries may cite. */
  readonly hashes: ReadonlyMap<string, string>;
  readonly serviceHeads: ReadonlyMap<string, ServiceHead>;
  /**
   * The first entry that only a newer version understands. What came before it stands; what it and the
   * entries after it have changed is not known here.
   */
  readonly upgrade?: { readonly index: number; readonly typ: string };
}

export function emptyRegistry(trust: Trust): Registry {
  return {
    trust,
    entries: [],
    organisations: new Map(),
    coordinators: new Map(),
    serviceKeys: new Map(),
    witnesses: new Map(),
    webApps: new Map(),
    restores: [],
    years: [],
    charters: [],
    agreements: new Map(),
    hashes: new Map(),
    serviceHeads: new Map(),
  };
}
