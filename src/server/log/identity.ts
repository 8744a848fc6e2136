import type { Pool, PoolClient } from 'pg';
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

/** The network and its open pair of logs. */
export interface LogIdentity extends Readonly<Record<LogKind, LogName>> {
  readonly network: string;
  /** The pair of the first year, which the founders wrote down: the keys of later years' logs stand in the registry. */
  readonly founding: Readonly<Record<LogKind, LogName>>;
  /** Text of the policy (C2SP tlog-policy) that names that pair and asks for no witness: those stand in the registry. */
  readonly policy: string;
}

interface Row extends LogName {
  readonly kind: LogKind;
  readonly network: string;
  readonly state: string;
}

/** The open pair of logs, or undefined before the first start has made them. */
export async function findIdentity(db: Pool | PoolClient): Promise<LogIdentity | undefined> {
  const { rows } = await db.query<Row>({
    name: 'log-identity',
    text: `SELECT l.kind, l.name, l.year, l.origin, l.vkey, l.state, n.id AS network FROM log l, network n ORDER BY l.year`,
  });
  const founding = pairOf(rows);
  const open = pairOf(rows.filter(({ state }) => state === 'open'));
  if (!rows[0] || !founding || !open) return undefined;
  const policy = formatPolicy([parseVkey(founding.consent.vkey), parseVkey(founding.registry.vkey)]);
  return { network: rows[0].network, ...open, founding, policy };
}

/** The first of each kind. */
function pairOf(rows: readonly Row[]): Record<LogKind, LogName> | undefined {
  const consent = rows.find(({ kind }) => kind === 'consent');
  const registry = rows.find(({ kind }) => kind === 'registry');
  return consent && registry && { consent: nameOf(consent), registry: nameOf(registry) };
}

/** What the same log is called in the year after. */
export function originAfter({ name, year }: Pick<LogName, 'name' | 'year'>): string {
  return `${name}/${year + 1}`;
}

function nameOf({ name, year, origin, vkey }: LogName): LogName {
  return { name, year, origin, vkey };
}
