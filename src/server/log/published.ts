import type { Pool } from 'pg';
import { named, prepared, sql, whole } from '../../database/index.js';
import { parseTilePath, TILE_WIDTH, type TileAddress } from '../../protocol/log/tiles.js';
import type { LogKind } from './heads.js';
import { NEWEST, WITNESSED } from './witnesses.sql.js';

const v = named<{ kind: string; year: number; level: number; index: bigint; width: number }>();

const TILE = prepared(
  'log-published-tile',
  sql`SELECT substring(t.bytes FOR 32 * ${v.width}) AS bytes FROM log l JOIN log_head h ON h.log = l.id
        JOIN log_tile t ON t.log = l.id AND t.level = ${v.level} AND t.n = ${v.index}
        WHERE l.kind = ${v.kind} AND l.year = ${v.year}
          AND (h.published_size >> (8 * ${v.level}::integer)) >= ${v.index}::bigint * ${whole(TILE_WIDTH)} + ${v.width}::integer`,
);
const ENTRIES = prepared(
  'log-published-entries',
  sql`SELECT e.bytes FROM log l JOIN log_head h ON h.log = l.id JOIN log_entries e ON e.log = l.id AND e.n = ${v.index}
        WHERE l.kind = ${v.kind} AND l.year = ${v.year}
          AND h.published_size >= ${v.index}::bigint * ${whole(TILE_WIDTH)} + ${v.width}::integer`,
);

const HIGHEST_LEVEL = 7;
const MOST_TILES = 1n << 54n;

interface CheckpointRow {
  readonly note: string;
  readonly anchored: string;
}

/** One log of a pair, as the address names it. */
export interface LogAddress {
  readonly kind: LogKind;
  readonly year: number;
}

/** What the public may read: nothing beyond the published size, whatever the database already holds. */
export class PublishedLog {
  constructor(private readonly pool: Pool) {}

  /** The last published checkpoint that its witnesses have seen: a signed note with their cosignatures. */
  async checkpoint(log: LogAddress): Promise<string | undefined> {
    return (await this.read(WITNESSED, log))?.note;
  }

  /**
   * The last published checkpoint of all, with the cosignatures so far: what witnesses, and whoever must know
   * at once, look at.
   */
  async newest(log: LogAddress): Promise<string | undefined> {
    return (await this.read(NEWEST, log))?.note;
  }

  /**
   * The registry's size at the last anchor of `checkpoint`, for the registry its own: by whose witnesses it
   * is judged.
   */
  async anchored(log: LogAddress): Promise<bigint | undefined> {
    const row = await this.read(WITNESSED, log);
    return row && BigInt(row.anchored);
  }

  private async read(
    query: typeof NEWEST | typeof WITNESSED,
    { kind, year }: LogAddress,
  ): Promise<CheckpointRow | undefined> {
    const { rows } = await this.pool.query<CheckpointRow>(query.with({ kind, year }));
    return rows[0];
  }

  /** A tile or entry bundle by what follows `tile/` in its path (C2SP tlog-tiles). */
  async tile(log: LogAddress, path: string): Promise<Uint8Array | undefined> {
    const address = parseTilePath(path);
    if (!address || address.level > HIGHEST_LEVEL || address.index >= MOST_TILES) return undefined;
    return address.isEntries ? this.entries(log, address) : this.hashes(log, address);
  }

  private async hashes({ kind, year }: LogAddress, tile: TileAddress): Promise<Uint8Array | undefined> {
    const { rows } = await this.pool.query<{ bytes: Buffer }>(
      TILE.with({ kind, year, level: tile.level, index: tile.index, width: tile.width }),
    );
    return rows[0]?.bytes;
  }

  private async entries(
    { kind, year }: LogAddress,
    { index, width }: TileAddress,
  ): Promise<Uint8Array | undefined> {
    const { rows } = await this.pool.query<{ bytes: Buffer }>(ENTRIES.with({ kind, year, index, width }));
    return rows[0] && firstEntries(rows[0].bytes, width);
  }
}

/** The first entries of a stored bundle, which may already hold more than is public. */
function firstEntries(bundle: Uint8Array, count: number): Uint8Array {
  const view = new DataView(bundle.buffer, bundle.byteOffset, bundle.byteLength);
  let end = 0;
  for (let i = 0; i < count; i++) end += 2 + view.getUint16(end);
  return bundle.subarray(0, end);
}
