import type { Pool, PoolClient } from 'pg';
import { prepared, sql, type Sql } from '../../database/index.js';
import { parseVkey } from '../../protocol/log/note.js';
import { formatPolicy } from '../../protocol/log/policy.js';
import type { LogKind } from './heads.js';

/** How a log is known to everybody. */
export interface LogName {
  /** Yearless, as statements name it. */
  readonly name: string;
  readonly year: number;
  /** With the year, as its checkpoints name it. */
  readonly origin: string;
  readonly vkey: string;
}

/** The logs of one year. */
export type LogPair = Readonly<Record<LogKind, LogName>>;

/** The network and its open pair of logs. */
export interface LogIdentity extends LogPair {
  readonly network: string;
  /**
   * Of all years: the founders wrote down the first, the keys of later ones stand in the registry, the last
   * is open.
   */
  readonly pairs: readonly LogPair[];
  /**
   * Text of the policy (C2SP tlog-policy) that names the first pair and asks for no witness: those stand in
   * the registry.
   */
  readonly policy: string;
}

interface Row {
  readonly consent: LogName;
  readonly registry: LogName;
  readonly network: string;
}

const namesOf = (log: Sql) =>
  sql`json_build_object('name', ${log}.name, 'year', ${log}.year, 'origin', ${log}.origin, 'vkey', ${log}.vkey)`;
const IDENTITY = prepared(
  'log-identity',
  sql`SELECT n.id AS network, ${namesOf(sql`c`)} AS consent, ${namesOf(sql`r`)} AS registry
      FROM network n, log c JOIN log r ON r.year = c.year
      WHERE c.kind = 'consent' AND r.kind = 'registry' ORDER BY c.year`,
);

/** Undefined before the first start has made the logs. */
export async function findIdentity(db: Pool | PoolClient): Promise<LogIdentity | undefined> {
  const { rows } = await db.query<Row>(IDENTITY.with());
  const pairs = rows.map(({ consent, registry }) => ({ consent, registry }));
  const [first, open] = [pairs[0], pairs.at(-1)];
  if (!rows[0] || !first || !open) return undefined;
  const policy = formatPolicy([parseVkey(first.consent.vkey), parseVkey(first.registry.vkey)]);
  return { network: rows[0].network, ...open, pairs, policy };
}

/** What the same log is called in the year after. */
export function originAfter({ name, year }: Pick<LogName, 'name' | 'year'>): string {
  return `${name}/${year + 1}`;
}
