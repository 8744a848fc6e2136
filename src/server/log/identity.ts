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
  /** Text of the policy (C2SP tlog-policy) that names both logs and asks for no witness: those stand in the registry. */
  readonly policy: string;
}

/** The open pair of logs, or undefined before the first start has made them. */
export async function findIdentity(db: Pool | PoolClient): Promise<LogIdentity | undefined> {
  const { rows } = await db.query<LogName & { kind: LogKind; network: string }>({
    name: 'log-identity',
    text: `SELECT l.kind, l.name, l.year, l.origin, l.vkey, n.id AS network FROM log l, network n WHERE l.state = 'open'`,
  });
  const consent = rows.find(({ kind }) => kind === 'consent');
  const registry = rows.find(({ kind }) => kind === 'registry');
  if (!consent || !registry) return undefined;
  const policy = formatPolicy([parseVkey(consent.vkey), parseVkey(registry.vkey)]);
  return { network: consent.network, consent: nameOf(consent), registry: nameOf(registry), policy };
}

function nameOf({ name, year, origin, vkey }: LogName): LogName {
  return { name, year, origin, vkey };
}
