import type { Pool } from 'pg';
import { named, prepared, sql } from '../../database/index.js';
import { toBase64 } from '../../protocol/encoding/bytes.js';
import { consistencyProof, inclusionProof } from '../../protocol/log/merkle.js';
import { formatProof } from '../../protocol/log/proof.js';
import { treeReader } from './tree.js';
import { LOCATE_FINAL } from './witnesses.sql.js';

const v = named<{ ids: readonly string[]; index: bigint }>();

const REGISTRY_HEAD = prepared(
  'log-registry-head-at',
  sql`SELECT h.log, l.first, h.served_size AS size, h.served_note AS note FROM log_head h JOIN log l ON l.id = h.log
        WHERE l.kind = 'registry' AND l.first <= ${v.index} ORDER BY l.first DESC LIMIT 1`,
);
const REGISTRY_SIZE = prepared(
  'log-registry-size',
  sql`SELECT l.first + h.served_size AS size FROM log_head h JOIN log l ON l.id = h.log
        WHERE l.kind = 'registry' AND l.state = 'open'`,
);

/** A statement whose proof is asked for: the id it was appended under, and its opening. */
export interface OwnLeaf {
  readonly pending: string;
  readonly opening: Uint8Array;
}

export interface StatementProofs {
  /** Signed note of the newest checkpoint. */
  readonly checkpoint: string;
  /** From the size asked for to the checkpoint's; standard base64. */
  readonly consistency: readonly string[];
  /** tlog-proof texts, in the order asked for, each with its opening as `extra`. */
  readonly proofs: readonly string[];
}

/** By the log alone, some seconds after an act; or under a tree that a quorum of its witnesses has seen. */
export type ProofDegree = 'provisional' | 'final';

interface ServedHead {
  readonly log: number;
  readonly size: bigint;
  readonly note: string;
}

interface Located extends ServedHead {
  readonly index: bigint;
}

export interface ProofsOf {
  /** Size of the tree from which to show how the log has grown. */
  readonly from: bigint;
  readonly degree: ProofDegree;
}

const LOCATE = prepared(
  'log-locate',
  sql`SELECT p.pending, p.log, p.index, h.served_size AS size, h.served_note AS note FROM log_position p
    JOIN log_head h ON h.log = p.log WHERE p.pending = ANY(${v.ids}::uuid[]) AND p.index < h.served_size`,
);

interface PositionRow {
  pending: string;
  log: number;
  index: string;
  size: string;
  note: string;
}

/** Proofs against what the logs have last signed and fenced; reads with the application's login. */
export class LogReader {
  constructor(private readonly pool: Pool) {}

  /** Undefined while one of the leaves has no proof of that degree. */
  async statementProofs(
    leaves: readonly OwnLeaf[],
    { from = 0n, degree = 'provisional' }: Partial<ProofsOf> = {},
  ): Promise<StatementProofs | undefined> {
    const located = await this.locate(
      leaves.map(({ pending }) => pending),
      degree,
    );
    const last = located?.at(-1);
    if (!located || !last) return undefined;
    const trees = new Map(located.map(({ log }) => [log, treeReader(this.pool, log)]));
    const proofs: string[] = [];
    for (const [i, place] of located.entries())
      proofs.push(await this.prove(place, trees.get(place.log), leaves[i]?.opening));
    return { checkpoint: last.note, consistency: await this.proveConsistency(last, from), proofs };
  }

  /** Proof of a registry entry, by its index over all years; undefined while it is not sequenced. */
  async registryProof(index: bigint): Promise<string | undefined> {
    const { rows } = await this.pool.query<{ log: number; first: string; size: string; note: string }>(
      REGISTRY_HEAD.with({ index }),
    );
    const [row] = rows;
    if (!row || BigInt(row.first) + BigInt(row.size) <= index) return undefined;
    return this.prove({ ...row, size: BigInt(row.size), index: index - BigInt(row.first) });
  }

  /** How many entries of the registry are in what it has last signed; it publishes at once. */
  async registrySize(): Promise<bigint> {
    const { rows } = await this.pool.query<{ size: string }>(REGISTRY_SIZE.with());
    return BigInt(rows[0]?.size ?? 0);
  }

  private async locate(ids: readonly string[], degree: ProofDegree): Promise<Located[] | undefined> {
    const { rows } = await this.pool.query<PositionRow>(
      (degree === 'final' ? LOCATE_FINAL : LOCATE).with({ ids }),
    );
    const known = new Map(rows.map((row) => [row.pending, locatedOf(row)]));
    const located = ids.flatMap((id) => known.get(id) ?? []);
    return located.length === ids.length ? located : undefined;
  }

  private async prove(
    place: Located,
    tree = treeReader(this.pool, place.log),
    extra?: Uint8Array,
  ): Promise<string> {
    const hashes = await inclusionProof(tree, place.index, place.size);
    return formatProof({ index: place.index, hashes, checkpoint: place.note, ...(extra ? { extra } : {}) });
  }

  private async proveConsistency(head: ServedHead, from: bigint): Promise<string[]> {
    if (from <= 0n || from >= head.size) return [];
    return (await consistencyProof(treeReader(this.pool, head.log), from, head.size)).map(toBase64);
  }
}

function locatedOf(row: PositionRow): Located {
  return { log: row.log, index: BigInt(row.index), size: BigInt(row.size), note: row.note };
}
