import type { Pool } from 'pg';
import { named, prepared, sql } from '../../database/index.js';
import { equalBytes, toBase64url } from '../../protocol/encoding/bytes.js';
import { padLeaf, padOpening, readLeaf } from '../../protocol/log/leaves.js';
import { parseBundle, TILE_WIDTH } from '../../protocol/log/tiles.js';
import { readSeed } from './log-keys.js';

const v = named<{ log: number; bundles: readonly bigint[] }>();

const DRAWN = prepared(
  'log-drawn',
  sql`SELECT n, width, bytes FROM log_entries WHERE log = ${v.log} AND n = ANY(${v.bundles}::bigint[])`,
);

const WIDTH = BigInt(TILE_WIDTH);

/** A consent log, and leaves that were drawn in it. */
export interface Drawn {
  readonly log: number;
  /** With the year, and without. */
  readonly origin: string;
  readonly name: string;
  readonly indexes: readonly bigint[];
}

/** What the log itself can say of a leaf: whose statement it is, it does not know. */
export type DrawnLeaf =
  { readonly kind: 'anchor' | 'hidden' } | { readonly kind: 'pad'; readonly opening: string };

/** Tells anchors and pads from what is hidden; shows a pad, which gives nothing else away. */
export async function describeLeaves(
  pool: Pool,
  dataDirectory: string,
  { log, origin, name, indexes }: Drawn,
): Promise<Map<bigint, DrawnLeaf>> {
  const seed = await readSeed(dataDirectory, origin, 'pads');
  const bundles = await readBundles(pool, log, indexes);
  const describe = (index: bigint): DrawnLeaf => {
    const leaf = bundles.get(index / WIDTH)?.[Number(index % WIDTH)] ?? new Uint8Array(33);
    if (leaf[0] !== 0 && readLeaf(leaf).anchor) return { kind: 'anchor' };
    const opening = seed && padOpening(seed, index);
    const isPad = opening !== undefined && equalBytes(padLeaf(name, opening), leaf);
    return isPad ? { kind: 'pad', opening: toBase64url(opening) } : { kind: 'hidden' };
  };
  return new Map(indexes.map((index) => [index, describe(index)]));
}

async function readBundles(
  pool: Pool,
  log: number,
  indexes: readonly bigint[],
): Promise<Map<bigint, Uint8Array[]>> {
  const { rows } = await pool.query<{ n: string; width: number; bytes: Buffer }>(
    DRAWN.with({ log, bundles: [...new Set(indexes.map((index) => index / WIDTH))] }),
  );
  return new Map(rows.map(({ n, width, bytes }) => [BigInt(n), parseBundle(new Uint8Array(bytes), width)]));
}
