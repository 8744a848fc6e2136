import type { Pool, PoolClient } from 'pg';
import { rangeRoot } from '../../protocol/log/merkle.js';
import { prepared, sql, transaction } from '../../database/index.js';
import type { PadMaterial } from './compose.js';
import { growConsent, type ConsentOutcome } from './consent-round.js';
import { requireBehind, type Fence } from './fence.js';
import { entriesOf, lockHeads, readHeads, serveHead, type Head, type Heads } from './heads.js';
import { DEFAULT_DELAY_SECONDS } from './publication.js';
import { growRegistry } from './registry-round.js';
import { treeReader } from './tree.js';
import { turnYear, type LogKeys } from './year.js';

const DELAY = prepared(
  'log-delay',
  sql`SELECT (text::jsonb #>> '{publishing,delaySeconds}')::integer AS seconds FROM charter_version
        WHERE valid_from <= domain_today() ORDER BY version DESC LIMIT 1`,
);

export interface SequencerParts {
  /** Of the sequencer's own login. */
  readonly pool: Pool;
  /** Of the year's registry, as its checkpoints name it: which pair of logs the keys are for. */
  readonly origin: string;
  readonly keys: LogKeys;
  readonly nextKeys: LogKeys;
  /** Of a log by its origin. */
  readonly fence: (origin: string) => Pick<Fence, 'read' | 'write'>;
  readonly material: PadMaterial;
  /** Until a charter sets the delay. */
  readonly delaySeconds?: number;
}

/** `busy`: another sequencer holds the logs. `more`: the outbox is not empty yet. */
export type RoundOutcome = 'busy' | ConsentOutcome;

/**
 * Writes both logs. Any number of them may run, on any replica: the lock on the consent log's head lets one
 * work at a time, and everything it knows is read again in each round.
 *
 * Note [Order of a signing]
 * 1. One transaction brings the entries, tiles, root and the signed note into the database and commits.
 * 2. The fence, outside the database, takes the new size and root; it is synced.
 * 3. Only then a second transaction marks the note as served; nothing newer is ever shown. A crash after 1
 * leaves a note that nobody has seen: the next round, here or on another replica, does 2 and 3 before
 * anything else. A crash within 1 leaves nothing. So no size is ever seen with two roots; a database that is
 * put back to an earlier state is behind the fence, and nothing is signed.
 */
export class Sequencer {
  constructor(private readonly parts: SequencerParts) {}

  /** One round. Throws SigningRefused if signing would show two histories; the logs stay readable. */
  async round(): Promise<RoundOutcome> {
    const outcome = await transaction(this.parts.pool, (tx) => this.grow(tx));
    if (outcome !== 'busy' && outcome !== 'idle') await transaction(this.parts.pool, (tx) => this.settle(tx));
    return outcome;
  }

  private async grow(tx: PoolClient): Promise<RoundOutcome> {
    const heads = await this.settle(tx);
    if (!heads) return 'busy';
    const { keys, nextKeys, material } = this.parts;
    // another replica has begun a new year: with these keys there is nothing more to do
    if (heads.registry.origin !== this.parts.origin) return 'more';
    const registry = await growRegistry(tx, heads.registry, keys.registry);
    // before a founding there is nothing that a year could end
    if (heads.thisYear > registry.year && entriesOf(registry) > 0n) {
      await turnYear(tx, { heads: { ...heads, registry }, keys, material, nextKeys });
      return 'more';
    }
    const round = { heads: { ...heads, registry }, key: keys.consent, material };
    const outcome = await growConsent(tx, { ...round, delaySeconds: await this.readDelay(tx) });
    return outcome === 'idle' && registry.size > heads.registry.size ? 'grown' : outcome;
  }

  /** Takes the lock and finishes what a round before, perhaps a crashed one, has committed. */
  private async settle(tx: PoolClient): Promise<Heads | undefined> {
    if (!(await lockHeads(tx))) return undefined;
    const heads = await readHeads(tx);
    const all = [...heads.ended, heads.registry, heads.consent];
    const behind: Head[] = [];
    for (const head of all) if (await this.isBehind(tx, head)) behind.push(head);
    for (const head of behind) await this.parts.fence(head.origin).write(head);
    const unserved = all.filter((head) => head.servedSize !== head.size);
    for (const head of unserved) await serveHead(tx, head.log);
    return unserved.length > 0 ? readHeads(tx) : heads;
  }

  /** Whether the fence has yet to take this head, which another replica may have signed. */
  private async isBehind(tx: PoolClient, head: Head): Promise<boolean> {
    const fenced = await this.parts.fence(head.origin).read();
    await requireBehind(fenced, head, (size) => rangeRoot(treeReader(tx, head.log), 0n, size));
    return fenced?.size !== head.size;
  }

  /** The charter's delay of publication, in seconds. */
  private async readDelay(tx: PoolClient): Promise<number> {
    const { rows } = await tx.query<{ seconds: number | null }>(DELAY.with());
    return rows[0]?.seconds ?? this.parts.delaySeconds ?? DEFAULT_DELAY_SECONDS;
  }
}
