import type { Pool, PoolClient } from 'pg';
import { named, prepared, sql } from '../../database/index.js';
import {
  formatBundle,
  nodesFromTiles,
  TILE_WIDTH,
  type Appended,
  type Edge,
} from '../../protocol/log/tiles.js';
import type { NodeReader } from '../../protocol/log/merkle.js';
import { SigningRefused } from './signing-refused.js';

const v = named<{
  log: number;
  levels: readonly number[];
  indexes: readonly bigint[];
  widths: readonly number[];
  bytes: readonly Uint8Array[];
  level: number;
  index: bigint;
}>();

const EDGE = prepared(
  'log-edge',
  sql`SELECT t.level, t.bytes FROM log_tile t
      JOIN unnest(${v.levels}::smallint[], ${v.indexes}::bigint[]) AS edge (level, n)
        ON t.level = edge.level AND t.n = edge.n
      WHERE t.log = ${v.log}`,
);
const WRITE_TILES = prepared(
  'log-write-tiles',
  sql`INSERT INTO log_tile (log, level, n, width, bytes)
      SELECT ${v.log}, * FROM unnest(${v.levels}::smallint[], ${v.indexes}::bigint[], ${v.widths}::smallint[],
        ${v.bytes}::bytea[])
      ON CONFLICT (log, level, n) DO UPDATE SET width = excluded.width, bytes = excluded.bytes`,
);
const WRITE_ENTRIES = prepared(
  'log-write-entries',
  sql`INSERT INTO log_entries (log, n, width, bytes)
      SELECT ${v.log}, * FROM unnest(${v.indexes}::bigint[], ${v.widths}::smallint[], ${v.bytes}::bytea[])
      ON CONFLICT (log, n) DO UPDATE
        SET width = log_entries.width + excluded.width, bytes = log_entries.bytes || excluded.bytes
      RETURNING n, width`,
);
const TILE = prepared(
  'log-tile',
  sql`SELECT bytes FROM log_tile WHERE log = ${v.log} AND level = ${v.level} AND n = ${v.index}`,
);

const WIDTH = BigInt(TILE_WIDTH);

/** The right edge of a log as the database has it: what `appendLeaves` needs to know of the tree. */
export async function readEdge(tx: PoolClient, log: number, size: bigint): Promise<Edge> {
  const { levels, indexes } = partialTiles(size);
  const { rows } = await tx.query<{ level: number; bytes: Buffer }>(EDGE.with({ log, levels, indexes }));
  const known = new Map(rows.map(({ level, bytes }) => [level, new Uint8Array(bytes)]));
  return Array.from({ length: Math.max(0, ...levels.map((level) => level + 1)) }, (_, level) => {
    return known.get(level) ?? new Uint8Array(0);
  });
}

function partialTiles(size: bigint): { levels: number[]; indexes: bigint[] } {
  const [levels, indexes]: [number[], bigint[]] = [[], []];
  for (let level = 0, width = size; width > 0n; level++, width >>= 8n) {
    if (width % WIDTH === 0n) continue;
    levels.push(level);
    indexes.push(width / WIDTH);
  }
  return { levels, indexes };
}

/**
 * Stores the tiles that changed. A tile that would not grow from the stored one is refused by the database.
 */
export async function writeTiles(tx: PoolClient, log: number, tiles: Appended['tiles']): Promise<void> {
  await tx.query(
    WRITE_TILES.with({
      log,
      levels: tiles.map(({ level }) => level),
      indexes: tiles.map(({ index }) => index),
      widths: tiles.map(({ width }) => width),
      bytes: tiles.map(({ data }) => data),
    }),
  );
}

/**
 * Appends entries after the first `size` ones, 256 to a row. Only the new bytes of the partial last row are
 * sent.
 */
export async function writeEntries(
  tx: PoolClient,
  at: { readonly log: number; readonly size: bigint },
  entries: readonly Uint8Array[],
): Promise<void> {
  const parts = splitIntoRows(at.size, entries);
  const { rows } = await tx.query<{ n: string; width: number }>(
    WRITE_ENTRIES.with({
      log: at.log,
      indexes: parts.map(({ n }) => n),
      widths: parts.map(({ entries: { length } }) => length),
      bytes: parts.map((part) => formatBundle(part.entries)),
    }),
  );
  const end = at.size + BigInt(entries.length);
  const isRight = ({ n, width }: { n: string; width: number }): boolean =>
    BigInt(width) === WIDTH || BigInt(n) * WIDTH + BigInt(width) === end;
  if (!rows.every(isRight)) throw new SigningRefused('the stored entries do not fit the size of the log');
}

function splitIntoRows(
  size: bigint,
  entries: readonly Uint8Array[],
): { n: bigint; entries: readonly Uint8Array[] }[] {
  const rows: { n: bigint; entries: readonly Uint8Array[] }[] = [];
  for (let done = 0; done < entries.length;) {
    const at = size + BigInt(done);
    const free = TILE_WIDTH - Number(at % WIDTH);
    rows.push({ n: at / WIDTH, entries: entries.slice(done, done + free) });
    done += free;
  }
  return rows;
}

/** Subtree roots out of the stored tiles, for proofs; each tile is read once per reader. */
export function treeReader(db: Pool | PoolClient, log: number): NodeReader {
  const tiles = new Map<string, Promise<Uint8Array>>();
  return nodesFromTiles(async ({ level, index, width }) => {
    const key = `${level}/${index}`;
    const reading = tiles.get(key) ?? readTile(db, log, level, index);
    tiles.set(key, reading);
    const bytes = await reading;
    if (bytes.length < 32 * width) throw new SigningRefused('a tile is shorter than the log says');
    return bytes;
  });
}

async function readTile(
  db: Pool | PoolClient,
  log: number,
  level: number,
  index: bigint,
): Promise<Uint8Array> {
  const { rows } = await db.query<{ bytes: Buffer }>(TILE.with({ log, level, index }));
  return rows[0]?.bytes ?? new Uint8Array(0);
}
