import type { PoolClient } from 'pg';

/** SQL expressions, never values: parameters (`$3`), columns of a table in `from`, or casts of them. */
export interface StatementLeafSql {
  /** uuid made by the caller: the key by which `log_position` later tells where the leaf went. */
  readonly id: string;
  /** uuid, the same for all statements of one consent; gone when the leaf is in the log. NULL for a leaf without chain. */
  readonly tag: string;
  /** Rises along the consent's chain. */
  readonly number: string;
  /** 33 bytes of protocol/log/leaves `statementLeaf`. */
  readonly leaf: string;
  /** What the expressions come from, such as a CTE that has a row only if the act went through. */
  readonly from?: string;
}

/** Appends one statement's leaf, as a data-modifying CTE's body or a statement of its own. It returns no rows. */
export function appendStatementLeaf({ id, tag, number, leaf, from }: StatementLeafSql): string {
  const source = from === undefined ? '' : ` FROM ${from}`;
  return `INSERT INTO log_pending (id, tag, number, leaf) SELECT ${id}, ${tag}, ${number}, ${leaf}${source}`;
}

const APPEND_REGISTRY = {
  name: 'log-append-registry',
  text: `
WITH head AS (
  UPDATE registry_head SET next = next + cardinality($1::text[])
  RETURNING log, next - cardinality($1::text[]) AS first
)
INSERT INTO registry_entry (log, index, text)
SELECT head.log, head.first + entry.n - 1, entry.text
FROM head, unnest($1::text[]) WITH ORDINALITY AS entry (text, n)
RETURNING index`,
};

/** Until the transaction ends nobody else adds to the registry: who adds to it has seen all of it. */
export async function lockRegistry(tx: PoolClient): Promise<void> {
  await tx.query("SELECT pg_advisory_xact_lock(hashtextextended('relais registry', 0))");
}

/**
 * Appends signed objects to the registry log in the caller's transaction and answers their indexes, in the order given and
 * counted over all years.
 * It locks the registry until that transaction ends, so append last; indexes have no gap, a rollback gives them back.
 * The caller has verified every text. They are sequenced and signed after the commit (`LogService.registrySequenced`).
 */
export async function appendRegistryEntries(tx: PoolClient, texts: readonly string[]): Promise<bigint[]> {
  const { rows } = await tx.query<{ index: string }>({ ...APPEND_REGISTRY, values: [texts] });
  if (rows.length !== texts.length) throw new Error('there is no open registry log');
  return rows.map((row) => BigInt(row.index)).sort((a, b) => (a < b ? -1 : 1));
}
