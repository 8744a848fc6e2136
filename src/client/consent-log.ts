import { fromBase64 } from '../protocol/bytes.js';
import { refuse } from '../protocol/errors.js';
import type { Checkpoint } from '../protocol/log/checkpoint.js';
import { verifyConsistency } from '../protocol/log/merkle.js';
import type { Policy } from '../protocol/log/policy.js';
import type { RegisteredRestore } from '../protocol/registered.js';
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
    /** Restores that the registry tells of, and how many it had told of when the last checkpoint was seen. */
    private readonly restores: () => readonly RegisteredRestore[],
    private seenRestores: number,
  ) {}

  /** The last checkpoint seen, a signed note; it is kept, so that a restart forgets nothing. */
  get checkpoint(): string | undefined {
    return this.seen;
  }

  /** How many restores were known then. */
  get restoresSeen(): number {
    return this.seenRestores;
  }

  /** The size from which to ask how the log has grown. */
  sizeOf(note: string | undefined): string {
    return note === undefined ? '0' : this.standing(note).size.toString();
  }

  /**
   * Takes an answer to a question that was asked from the checkpoint `from`. False where another answer has moved the log
   * on meanwhile: then it is asked again, because nothing in this answer compares the two.
   */
  take({ checkpoint, consistency, statements }: ProofsAnswer, from: string | undefined): boolean {
    if (checkpoint !== this.seen && from !== this.seen) return false;
    const next = this.open(checkpoint);
    if (checkpoint !== this.seen && from !== undefined)
      requireGrowth(this.standing(from), next, consistency.map(fromBase64));
    for (const { proof } of statements) this.requireUnder(checkpoint, next, proof);
    this.seen = checkpoint;
    this.seenRestores = this.restores().length;
    return true;
  }

  /** What of a tree that was seen still stands: of one larger than a later restore, the tree that the log went on from. */
  private standing(note: string): Checkpoint {
    const seen = this.open(note);
    const trees = this.restores()
      .slice(this.seenRestores)
      .map(({ consent }) => consent);
    const [smallest] = trees
      .filter(({ origin, size }) => origin === seen.origin && size < seen.size)
      .sort((a, b) => (a.size < b.size ? -1 : 1));
    return smallest ?? seen;
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
  if (seen.size > 0n) verifyConsistency(seen, next, proof);
}
