import { Injectable } from '@nestjs/common';
import { randomBytes, toBase64url } from '../../protocol/encoding/bytes.js';

/** A nonce is offered for one such time, and good for two. */
const WINDOW_MS = 120_000;
/** Proofs remembered under one nonce, some 10 MB: when there are more, its time has come early. */
const MOST_PROOFS = 100_000;

/** A nonce of this process, and the proofs that were shown under it. */
interface Generation {
  readonly nonce: string;
  readonly since: number;
  readonly seen: Set<string>;
}

/**
 * DPoP nonces (RFC 9449, section 8) and, in memory, the proofs shown under them. Both are this process's
 * alone, and are forgotten together: what is no longer remembered, or was shown elsewhere or before a
 * restart, is stale. They and not `iat` say that a proof is fresh; no clock that can be set counts.
 */
@Injectable()
export class Nonces {
  private newest: Generation;
  private older: Generation | undefined;

  constructor() {
    this.newest = begin();
  }

  /** The nonce to offer. */
  current(): string {
    const { since, seen } = this.newest;
    if (isOver(since, 1) || seen.size >= MOST_PROOFS) {
      this.older = this.newest;
      this.newest = begin();
    }
    return this.newest.nonce;
  }

  /**
   * Marks a proof, by what names it and no other, as shown under this nonce. Whoever made the proof controls
   * both.
   */
  take(nonce: unknown, proof: Uint8Array): 'first' | 'again' | 'stale' {
    const under = [this.newest, this.older].find((known) => known?.nonce === nonce);
    if (!under || isOver(under.since, 2)) return 'stale';
    const name = Buffer.from(proof).toString('latin1');
    if (under.seen.has(name)) return 'again';
    if (under.seen.size >= MOST_PROOFS) return 'stale';
    under.seen.add(name);
    return 'first';
  }
}

function begin(): Generation {
  return { nonce: toBase64url(randomBytes(16)), since: performance.now(), seen: new Set() };
}

function isOver(since: number, windows: number): boolean {
  return performance.now() - since >= windows * WINDOW_MS;
}
