import pg from 'pg';
import type { Restored } from '../../database/backup/index.js';
import { connectionOptions } from '../../database/index.js';
import { equalBytes } from '../../protocol/encoding/bytes.js';
import { GrowingTree } from '../../protocol/log/growing-tree.js';
import { leafHash } from '../../protocol/log/merkle.js';
import { parseBundle } from '../../protocol/log/tiles.js';

interface LogRow {
  readonly log: number;
  readonly origin: string;
  readonly size: string;
  readonly root: Buffer;
}

/** Tables whose rows a restore takes away again, as the erasure list says. */
const MAY_SHRINK =
  /^(handoff|handoff_wrap|carried_over)_(open|closed)$|^(message|attachment|attachment_part|key_grant)$/;

/**
 * What of a restored database is not as it should be, a line each: every table has the rows that were copied,
 * and every log the entries that make the root its key has signed.
 */
export async function compareDatabases(owner: string, { rows }: Restored): Promise<string[]> {
  const client = new pg.Client(connectionOptions(owner));
  await client.connect();
  try {
    return [...(await compareTables(client, rows)), ...(await compareLogs(client))];
  } finally {
    await client.end();
  }
}

async function compareTables(client: pg.Client, rows: Restored['rows']): Promise<string[]> {
  const wrong: string[] = [];
  const ofParts = (counts: Readonly<Record<string, number>>, name: string): number =>
    name.endsWith('_open') || name.endsWith('_closed')
      ? (counts[name.replace(/_[a-z]+$/, '_open')] ?? 0) + (counts[name.replace(/_[a-z]+$/, '_closed')] ?? 0)
      : (counts[name] ?? 0);
  const found: Record<string, number> = {};
  for (const name of Object.keys(rows)) found[name] = await countOf(client, name);
  for (const name of Object.keys(rows)) {
    const [copied, now] = [ofParts(rows, name), ofParts(found, name)];
    if (now > copied || (now < copied && !MAY_SHRINK.test(name))) wrong.push(`${name}: ${copied} → ${now}`);
  }
  return wrong;
}

async function countOf(client: pg.Client, table: string): Promise<number> {
  const { rows } = await client.query<{ n: number }>(`SELECT count(*)::int AS n FROM "${table}"`);
  return rows[0]?.n ?? 0;
}

async function compareLogs(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<LogRow>(
    'SELECT h.log, l.origin, h.size, h.root FROM log_head h JOIN log l ON l.id = h.log',
  );
  const wrong: string[] = [];
  for (const row of rows) {
    const tree = await treeOf(client, row.log);
    if (tree.size !== BigInt(row.size) || !equalBytes(tree.root, new Uint8Array(row.root)))
      wrong.push(`${row.origin}: ${row.size} → ${tree.size}`);
  }
  return wrong;
}

async function treeOf(client: pg.Client, log: number): Promise<GrowingTree> {
  const tree = new GrowingTree();
  for (let n = 0; ; n++) {
    const { rows } = await client.query<{ width: number; bytes: Buffer }>(
      'SELECT width, bytes FROM log_entries WHERE log = $1 AND n = $2',
      [log, n],
    );
    const [row] = rows;
    if (!row) return tree;
    for (const entry of parseBundle(new Uint8Array(row.bytes), row.width)) tree.add(leafHash(entry));
  }
}
