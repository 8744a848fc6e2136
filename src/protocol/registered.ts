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

/** Which entry revoked a key, and from which day on: what it was used for before that day stays as good as it was. */
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

export interface RegisteredCharter {
  readonly version: number;
  readonly textHash: string;
  readonly from: string;
  /** Thumbprints of the roots that signed it. */
  readonly signers: readonly string[];
}

/** A service's place in the registry: whose it is, and the hash of its newest key's entry, which the next key names. */
export interface ServiceHead {
  readonly organisation: string;
  readonly newest: string;
}
