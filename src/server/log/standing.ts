import type { ClientBase, Pool } from 'pg';
import { prepared, sql, unprepared } from '../../database/index.js';
import { equalBytes } from '../../protocol/encoding/bytes.js';
import { rangeRoot } from '../../protocol/log/merkle.js';
import { DomainError } from '../common/errors/index.js';
import { readFences, requireBehind, type Fenced } from './fence.js';
import { DatabaseBehind } from './signing-refused.js';
import { treeReader } from './tree.js';

/** Two logs a year. */
const STANDING = prepared(
  'log-standing',
  sql`SELECT l.id, l.origin, h.size, h.root, n.behind FROM network n, log l JOIN log_head h ON h.log = l.id`,
);
const MARK = unprepared('log-mark-behind', sql`UPDATE network SET behind = true WHERE NOT behind`);

interface Row {
  readonly id: number;
  readonly origin: string;
  readonly size: string;
  readonly root: Buffer;
  readonly behind: boolean;
}

interface Tree extends Fenced {
  readonly log: number;
  readonly origin: string;
}

/**
 * Whether the database is at least as new as what this process has seen of it, and as what the fence says was
 * signed. A disk, a snapshot or a standby can bring an earlier state back, before a start or under a running
 * server: with it come a consent that was withdrawn and a device that was revoked. Such a database serves
 * nothing and takes no act, here and, by a mark in it, on every replica.
 */
export class Standing {
  private readonly seen = new Map<string, Fenced>();
  private isOpen = false;
  private behind = false;

  constructor(
    /** Of the sequencer's login. */
    private readonly pool: Pool,
    private readonly dataDirectory: string,
  ) {}

  /** As of the last look. */
  get isBehind(): boolean {
    return this.behind;
  }

  /**
   * From here on every look counts; before, a restore may be under way. The fences of another network say
   * nothing.
   */
  async open({ network }: { readonly network: string }): Promise<void> {
    const fences = [...(await readFences(this.dataDirectory))];
    for (const [origin, fenced] of fences)
      if (origin.startsWith(`relais-${network}/`)) this.note(origin, fenced);
    this.isOpen = true;
    try {
      await this.look();
      await this.requireGrown(new Map(fences));
    } catch (error) {
      await this.judge(error);
    }
  }

  /** @throws DatabaseBehind */
  async look(): Promise<void> {
    if (!this.isOpen) return;
    try {
      await this.compare(this.pool);
      this.behind = false;
    } catch (error) {
      await this.judge(error);
      throw error;
    }
  }

  /** For a connection that is new: what it reaches may be another state than the one before. */
  async admit(client: ClientBase): Promise<void> {
    if (!this.isOpen) return;
    try {
      await this.compare(client);
    } catch (error) {
      await this.judge(error);
      throw error instanceof DatabaseBehind ? new DomainError('restore_needed') : error;
    }
  }

  /**
   * What refuses to sign closes the database for all. Once: a restore takes the mark away, perhaps before
   * this process ends.
   */
  async judge(error: unknown): Promise<void> {
    if (!(error instanceof DatabaseBehind) || this.behind) return;
    this.behind = true;
    await this.pool.query(MARK.with()).catch(() => undefined);
  }

  private async read(db: Pool | ClientBase): Promise<Tree[]> {
    const { rows } = await db.query<Row>(STANDING.with());
    if (rows.some(({ behind }) => behind))
      throw new DatabaseBehind(
        'the database is marked as older than what was signed, or than what was erased',
      );
    return rows.map(({ id, origin, size, root }) => ({
      log: id,
      origin,
      size: BigInt(size),
      root: new Uint8Array(root),
    }));
  }

  /**
   * Whatever was seen before this look was begun must be in what it finds; what others see meanwhile may be
   * newer.
   */
  private async compare(db: Pool | ClientBase): Promise<void> {
    const seen = [...this.seen];
    const trees = await this.read(db);
    const now = new Map(trees.map((tree) => [tree.origin, tree]));
    for (const [origin, { size, root }] of seen) {
      const tree = now.get(origin);
      const isThere = tree && (tree.size > size || (tree.size === size && equalBytes(tree.root, root)));
      if (size > 0n && !isThere)
        throw new DatabaseBehind(
          'the database is older than what was signed: it was put back to an earlier state',
        );
    }
    for (const { origin, size, root } of trees) this.note(origin, { size, root });
  }

  /** Where a log is larger than its fence, it must have grown out of that tree. */
  private async requireGrown(fences: ReadonlyMap<string, Fenced>): Promise<void> {
    for (const tree of await this.read(this.pool)) {
      const rootAt = (size: bigint): Promise<Uint8Array> =>
        rangeRoot(treeReader(this.pool, tree.log), 0n, size);
      const fenced = fences.get(tree.origin);
      if (fenced) await requireBehind(fenced, tree, rootAt);
    }
  }

  private note(origin: string, tree: Fenced): void {
    const known = this.seen.get(origin);
    if (!known || known.size < tree.size) this.seen.set(origin, tree);
  }
}
