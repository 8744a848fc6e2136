import { fromBase64 } from '../protocol/bytes.js';
import { refuse } from '../protocol/errors.js';
import type { Checkpoint } from '../protocol/log/checkpoint.js';
import { verifyConsistency } from '../protocol/log/merkle.js';
import type { Policy } from '../protocol/log/policy.js';
import { isYearOf, openCheckpoint, parseProof } from '../protocol/log/proof.js';

/** What `GET …/proofs` says: the log's newest tree, how it grew out of the one that was asked from, and proofs in it. */
export interface ProofsAnswer {
  /** A signed note. */
  readonly checkpoint: string;
  readonly consistency: readonly string[];
  readonly statements: readonly { readonly jws: string; readonly proof: string }[];
}

/**
 * Compares each tree of the consent log that the server shows with the last one it has shown: a log that shrinks or splits
 * is noticed by every device that has seen more of it, or something else.
 */
export class ConsentLogFollower {
  constructor(
    /** The log's yearless name. */
    private readonly log: string,
    private readonly policy: Policy,
    private seen: string | undefined,
  ) {}

  /** The last checkpoint seen, a signed note; it is kept, so that a restart forgets nothing. */
  get checkpoint(): string | undefined {
    return this.seen;
  }

  /** The size from which to ask how the log has grown. */
  sizeOf(note: string | undefined): string {
    return note === undefined ? '0' : this.open(note).size.toString();
  }

  /**
   * Takes an answer to a question that was asked from the checkpoint `from`. False where another answer has moved the log
   * on meanwhile: then it is asked again, because nothing in this answer compares the two.
   */
  take({ checkpoint, consistency, statements }: ProofsAnswer, from: string | undefined): boolean {
    if (checkpoint !== this.seen && from !== this.seen) return false;
    const next = this.open(checkpoint);
    if (checkpoint !== this.seen && from !== undefined)
      requireGrowth(this.open(from), next, consistency.map(fromBase64));
    for (const { proof } of statements) this.requireUnder(checkpoint, next, proof);
    this.seen = checkpoint;
    return true;
  }

  private open(note: string): Checkpoint {
    const { checkpoint } = openCheckpoint(note, this.policy);
    return isYearOf(this.log, checkpoint.origin) ? checkpoint : refuse('checkpoint');
  }

  private requireUnder(note: string, next: Checkpoint, proof: string): void {
    const shown = parseProof(proof).checkpoint;
    if (shown !== note && this.open(shown).origin === next.origin) refuse('proof');
  }
}

/** The same log, grown; or that of a later year, which begins anew. */
function requireGrowth(seen: Checkpoint, next: Checkpoint, proof: readonly Uint8Array[]): void {
  if (next.origin < seen.origin) refuse('rollback');
  if (next.origin !== seen.origin) return;
  if (next.size < seen.size) refuse('rollback');
  verifyConsistency(seen, next, proof);
}
