import type { PoolClient } from 'pg';
import { named, prepared, sql, unprepared, type Sql } from '../../database/index.js';

const v = named<{ texts: readonly string[] }>();

/**
 * Appends one statement's leaf, as a data-modifying CTE's body or a statement of its own. It returns no rows.
 * `leaf` is what stands behind SELECT, and where it comes from:
 * - a uuid made by the caller: the key by which `log_position` later tells where the leaf went;
 * - a uuid that is the same for all statements of one consent, gone when the leaf is in the log; NULL for a
 *   leaf without chain;
 * - an integer that rises along the consent's chain;
 * - 33 bytes of protocol/log/leaves `statementLeaf`.
 */
export function appendStatementLeaf<V>(leaf: Sql<V>): Sql<V> {
  return sql`INSERT INTO log_pending (id, tag, number, leaf) SELECT ${leaf}`;
}

const APPEND_REGISTRY = prepared(
  'log-append-registry',
  sql`WITH head AS (
  UPDATE registry_head SET next = next + cardinality(${v.texts}::text[])
  RETURNING log, next - cardinality(${v.texts}::text[]) AS first
)
INSERT INTO registry_entry (log, index, text)
SELECT head.log, head.first + entry.n - 1, entry.text
FROM head, unnest(${v.texts}::text[]) WITH ORDINALITY AS entry (text, n)
RETURNING index`,
);
const LOCK_REGISTRY = unprepared(
  'log-lock-registry',
  sql`SELECT pg_advisory_xact_lock(hashtextextended('relais registry', 0))`,
);

/** Until the transaction ends nobody else adds to the registry: who adds to it has seen all of it. */
export async function lockRegistry(tx: PoolClient): Promise<void> {
  await tx.query(LOCK_REGISTRY.with());
}

/**
 * Appends signed objects to the registry log in the caller's transaction and answers their indexes, in the
 * order given and counted over all years. It locks the registry until that transaction ends, so append last;
 * indexes have no gap, a rollback gives them back. The caller has verified every text. They are sequenced and
 * signed after the commit (`LogService.registrySequenced`).
 */
export async function appendRegistryEntries(tx: PoolClient, texts: readonly string[]): Promise<bigint[]> {
  const { rows } = await tx.query<{ index: string }>(APPEND_REGISTRY.with({ texts }));
  if (rows.length !== texts.length) throw new Error('there is no open registry log');
  return rows.map((row) => BigInt(row.index)).sort((a, b) => (a < b ? -1 : 1));
}
