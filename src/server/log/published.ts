import type { Pool } from 'pg';
import { parseTilePath, TILE_WIDTH, type TileAddress } from '../../protocol/log/tiles.js';
import type { LogKind } from './heads.js';

const HIGHEST_LEVEL = 7;
const MOST_TILES = 1n << 54n;

/** One log of a pair, as the address names it. */
export interface LogAddress {
  readonly kind: LogKind;
  readonly year: number;
}

/** What the public may read: nothing beyond the published size, whatever the database already holds. */
export class PublishedLog {
  constructor(private readonly pool: Pool) {}

  /** The last published checkpoint, a signed note. */
  async checkpoint({ kind, year }: LogAddress): Promise<string | undefined> {
    const { rows } = await this.pool.query<{ note: string }>({
      name: 'log-published-checkpoint',
      text: `SELECT c.note FROM log_checkpoint c JOIN log l ON l.id = c.log
        WHERE l.kind = $1 AND l.year = $2 ORDER BY c.size DESC LIMIT 1`,
      values: [kind, year],
    });
    return rows[0]?.note;
  }

  /** A tile or entry bundle by what follows `tile/` in its path (C2SP tlog-tiles). */
  async tile(log: LogAddress, path: string): Promise<Uint8Array | undefined> {
    const address = parseTilePath(path);
    if (!address || address.level > HIGHEST_LEVEL || address.index >= MOST_TILES) return undefined;
    return address.isEntries ? this.entries(log, address) : this.hashes(log, address);
  }

  private async hashes({ kind, year }: LogAddress, tile: TileAddress): Promise<Uint8Array | undefined> {
    const { rows } = await this.pool.query<{ bytes: Buffer }>({
      name: 'log-published-tile',
      text: `SELECT substring(t.bytes FOR 32 * $5) AS bytes FROM log l JOIN log_head h ON h.log = l.id
        JOIN log_tile t ON t.log = l.id AND t.level = $3 AND t.n = $4
        WHERE l.kind = $1 AND l.year = $2 AND (h.published_size >> (8 * $3::integer)) >= $4::bigint * ${TILE_WIDTH} + $5::integer`,
      values: [kind, year, tile.level, tile.index, tile.width],
    });
    return rows[0]?.bytes;
  }

  private async entries(
    { kind, year }: LogAddress,
    { index, width }: TileAddress,
  ): Promise<Uint8Array | undefined> {
    const { rows } = await this.pool.query<{ bytes: Buffer }>({
      name: 'log-published-entries',
      text: `SELECT e.bytes FROM log l JOIN log_head h ON h.log = l.id JOIN log_entries e ON e.log = l.id AND e.n = $3
        WHERE l.kind = $1 AND l.year = $2 AND h.published_size >= $3::bigint * ${TILE_WIDTH} + $4::integer`,
      values: [kind, year, index, width],
    });
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
