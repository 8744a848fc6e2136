import { equalBytes, fromBase64 } from '../../protocol/encoding/bytes.js';
import { refuse } from '../../protocol/encoding/errors.js';
import type { Checkpoint } from '../../protocol/log/checkpoint.js';
import { consistencyProof, verifyConsistency } from '../../protocol/log/merkle.js';
import type { Policy } from '../../protocol/log/policy.js';
import { isYearOf, openCheckpoint, parseProof } from '../../protocol/log/proof.js';
import { nodesFromTiles, tilePath, widthAt } from '../../protocol/log/tiles.js';
import type { Registry } from '../../protocol/registry/registry.js';
import { closedTree } from '../../protocol/registry/registry-logs.js';
import { logPath } from './log-path.js';

/**
 * What `GET …/proofs` says: the log's newest tree, how it grew out of the one that was asked from, and proofs
 * in it.
 */
export interface ProofsAnswer {
  /** A signed note. */
  readonly checkpoint: string;
  readonly consistency: readonly string[];
  readonly statements: readonly { readonly jws: string; readonly proof: string }[];
}

/** Where the followed registry comes from, and the public files of a log. */
export interface ConsentLogSources {
  readonly follower: { readonly registry: Registry; readonly policy: Policy };
  readonly transport: { bytes(path: string): Promise<Uint8Array | undefined> };
}

/**
 * Compares each tree of the consent log that the server shows with the last one it has shown: a log that
 * shrinks or splits is noticed by every device that has seen more of it, or something else. A year's log that
 * has ended is exactly as the registry says that it ended.
 */
export class ConsentLogFollower {
  constructor(
    /** The log's yearless name. */
    private readonly log: string,
    private readonly sources: ConsentLogSources,
    private seen: string | undefined,
    /** How many restores the registry had told of when the last checkpoint was seen. */
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
   * Takes an answer to a question that was asked from the checkpoint `from`. False where another answer has
   * moved the log on meanwhile: then it is asked again, because nothing in this answer compares the two.
   */
  async take(
    { checkpoint, consistency, statements }: ProofsAnswer,
    from: string | undefined,
  ): Promise<boolean> {
    if (checkpoint !== this.seen && from !== this.seen) return false;
    const next = this.open(checkpoint);
    const seen = from === undefined ? undefined : this.standing(from);
    for (const { proof } of statements) this.requireUnder(checkpoint, next, proof);
    if (seen && next.origin < seen.origin) return this.requireClosed(next);
    if (seen && checkpoint !== this.seen) await this.requireGrowth(seen, next, consistency.map(fromBase64));
    if (checkpoint !== this.seen && from !== this.seen) return false;
    this.seen = checkpoint;
    this.seenRestores = this.sources.follower.registry.restores.length;
    return true;
  }

  /**
   * What of a tree that was seen still stands: of one larger than a later restore, the tree that the log went
   * on from.
   */
  private standing(note: string): Checkpoint {
    const seen = this.open(note);
    const trees = this.sources.follower.registry.restores
      .slice(this.seenRestores)
      .map(({ consent }) => consent);
    const [smallest] = trees
      .filter(({ origin, size }) => origin === seen.origin && size < seen.size)
      .sort((a, b) => (a.size < b.size ? -1 : 1));
    return smallest ?? seen;
  }

  private open(note: string): Checkpoint {
    const { checkpoint } = openCheckpoint(note, this.sources.follower.policy);
    return isYearOf(this.log, checkpoint.origin) ? checkpoint : refuse('checkpoint');
  }

  private requireUnder(note: string, next: Checkpoint, proof: string): void {
    const shown = parseProof(proof).checkpoint;
    if (shown === note) return;
    const tree = this.open(shown);
    if (tree.origin === next.origin) refuse('proof');
    this.requireClosed(tree);
  }

  /** A log of an earlier year: it grows no more. */
  private requireClosed({ origin, size, root }: Checkpoint): true {
    const closed = closedTree(this.sources.follower.registry, origin) ?? refuse('rollback');
    return closed.size === size && equalBytes(closed.root, root) ? true : refuse('consistency');
  }

  /** The same log, grown; or that of a later year, where the earlier one ended as the registry says. */
  private async requireGrowth(
    seen: Checkpoint,
    next: Checkpoint,
    proof: readonly Uint8Array[],
  ): Promise<void> {
    if (next.origin === seen.origin) {
      requireLarger(seen, next, proof);
      return;
    }
    const closed = closedTree(this.sources.follower.registry, seen.origin) ?? refuse('consistency');
    const isTaken = seen.size > 0n && seen.size < closed.size;
    requireLarger(seen, closed, isTaken ? await this.proveClosed(seen, closed) : []);
  }

  /** How a log that has ended grew to its end, out of its public tiles. */
  private proveClosed({ origin, size }: Checkpoint, closed: Checkpoint): Promise<Uint8Array[]> {
    const nodes = nodesFromTiles(async ({ level, index }) => {
      const width = widthAt({ level, index }, closed.size);
      const path = `${logPath(origin)}/${tilePath({ level, index, width })}`;
      return (await this.sources.transport.bytes(path)) ?? refuse('consistency');
    });
    return consistencyProof(nodes, size, closed.size);
  }
}

function requireLarger(seen: Checkpoint, next: Checkpoint, proof: readonly Uint8Array[]): void {
  if (next.size < seen.size) refuse('rollback');
  if (seen.size > 0n) verifyConsistency(seen, next, proof);
}
