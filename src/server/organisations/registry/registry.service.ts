import { Injectable } from '@nestjs/common';
import type { ClientBase, Pool, PoolClient } from 'pg';
import { emptyRegistry, followRegistry, type Registry } from '../../../protocol/registry/registry.js';
import { requireUnderstood } from '../../../protocol/registry/registry-keys.js';
import { CharterService } from '../../charter/index.js';
import { appendRegistryEntries, lockRegistry, LogService } from '../../log/index.js';
import { mirrorEntry } from './registry.mirror.js';
import { readEntriesSql, timeSql } from './registry.sql.js';

export type Queries = Pick<ClientBase | Pool, 'query'>;

/**
 * The registry as this process has followed it. Entries are verified here from the first on and kept; each
 * use reads what was added since, so that two processes never disagree for longer than one query.
 */
@Injectable()
export class RegistryService {
  private followed: Registry | undefined;

  constructor(
    private readonly log: LogService,
    private readonly charter: CharterService,
  ) {}

  /**
   * The registry with everything committed by now. Not to be called after `append` in the same transaction.
   */
  async current(tx: Queries): Promise<Registry> {
    const before = this.followed ?? (await this.start(tx));
    const { rows } = await tx.query<{ text: string }>(readEntriesSql.with({ first: before.entries.length }));
    return this.keep(
      followOwn(
        before,
        rows.map((row) => row.text),
      ),
    );
  }

  /**
   * Until the transaction ends nobody else adds to the registry: what is read after this is all there is.
   * Take it before any row lock, and append as late as possible.
   */
  async lock(tx: PoolClient): Promise<void> {
    await lockRegistry(tx);
  }

  /**
   * Verifies entries over the whole registry, appends them to the log and writes the index, in the caller's
   * transaction, which holds the lock. `from` is what `current` answered under it. Kept only once committed,
   * so a rollback leaves no trace.
   * @throws Refused
   */
  async append(tx: PoolClient, from: Registry, texts: readonly string[]): Promise<Appended> {
    const registry = followRegistry(from, texts);
    requireUnderstood(registry);
    const first = BigInt(from.entries.length);
    for (const [at, text] of texts.entries()) await mirrorEntry(tx, { text, index: first + BigInt(at) });
    const indexes = await appendRegistryEntries(tx, texts);
    if (indexes[0] !== first) throw new Error('the log and the registry do not agree on the next index');
    return { registry, indexes };
  }

  /**
   * After the commit: waits until the log has signed a checkpoint that holds the entry, five seconds at most.
   */
  async sequenced(index: bigint): Promise<void> {
    await this.log.registrySequenced(index);
  }

  /** An empty registry that trusts these roots, for the founding. */
  unfounded(roots: readonly string[]): Registry {
    return emptyRegistry({ network: this.log.identity.network, roots });
  }

  /** Today by the database's clock, in the charter's time zone. */
  async today(tx: Queries): Promise<string> {
    return (await this.time(tx)).today;
  }

  /** Today, and the instant to the second, by the database's clock. */
  async time(tx: Queries): Promise<{ today: string; now: string }> {
    const { rows } = await tx.query<{ today: string; now: string }>(timeSql.with());
    return rows[0] ?? { today: '', now: '' };
  }

  private async start(tx: Queries): Promise<Registry> {
    return this.unfounded(await this.charter.founders(tx));
  }

  /** An empty registry is not kept: whom it trusts is known only after the founding. */
  private keep(now: Registry): Registry {
    if (now.entries.length > (this.followed?.entries.length ?? 0)) this.followed = now;
    return now;
  }
}

/**
 * Entries that this server once accepted must hold; that they do not is a fault of ours or of the database,
 * never a caller's.
 */
function followOwn(before: Registry, texts: readonly string[]): Registry {
  try {
    const registry = followRegistry(before, texts);
    requireUnderstood(registry);
    return registry;
  } catch (error) {
    throw new Error('the registry in the database does not hold', { cause: error });
  }
}

export interface Appended {
  readonly registry: Registry;
  readonly indexes: readonly bigint[];
}
