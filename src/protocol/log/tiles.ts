import { concat, uint16be } from '../encoding/bytes.js';
import { refuse } from '../encoding/errors.js';
import { completeSubtrees, EMPTY_ROOT, foldRight, nodeHash, type NodeReader } from './merkle.js';

/** Hashes in a full tile, entries in a full bundle, levels that one tile spans (C2SP tlog-tiles). */
export const TILE_WIDTH = 256;
const TILE_HEIGHT = 8;

export interface TileAddress {
  readonly level: number;
  readonly index: bigint;
  /** 1…256. */
  readonly width: number;
}

/** `tile/‹L›/‹N›[.p/‹W›]` with N in groups of three digits. */
export function tilePath({ level, index, width }: TileAddress): string {
  return `tile/${level}/${indexPath(index)}${partial(width)}`;
}

export function bundlePath({ index, width }: Omit<TileAddress, 'level'>): string {
  return `tile/entries/${indexPath(index)}${partial(width)}`;
}

function partial(width: number): string {
  return width === TILE_WIDTH ? '' : `.p/${width}`;
}

function indexPath(index: bigint): string {
  const last = (index % 1000n).toString().padStart(3, '0');
  return index < 1000n ? last : `${groupsPath(index / 1000n)}/${last}`;
}

/** All groups but the last are marked, so that a folder and a file never share a name. */
function groupsPath(index: bigint): string {
  return indexPath(index).replace(/[0-9]{3}$/, 'x$&');
}

/** Reads what follows `tile/`; undefined for a path that no log has. */
export function parseTilePath(path: string): (TileAddress & { readonly isEntries: boolean }) | undefined {
  const match =
    /^(entries|[0-9]|[1-5][0-9]|6[0-3])\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/.exec(path);
  const [, level = '', groups = '', partialWidth] = match ?? [];
  const width = partialWidth === undefined ? TILE_WIDTH : Number(partialWidth);
  if (!match || width > TILE_WIDTH || (partialWidth !== undefined && width === TILE_WIDTH)) return undefined;
  if (groups.startsWith('x000/') || groups.length > 36) return undefined;
  const index = BigInt(groups.replace(/[x/]/g, ''));
  return { level: level === 'entries' ? 0 : Number(level), index, width, isEntries: level === 'entries' };
}

/** Width of that tile, or of that bundle (level 0), in a log of this size; 0 beyond its end. */
export function widthAt({ level, index }: Omit<TileAddress, 'width'>, size: bigint): number {
  const left = (size >> BigInt(8 * level)) - 256n * index;
  return left <= 0n ? 0 : left < TILE_WIDTH ? Number(left) : TILE_WIDTH;
}

/** Every tile that a log of this size has: full ones, and the partial ones at its right edge. */
export function* tilesOf(size: bigint): Generator<TileAddress> {
  for (let level = 0, width = size; width > 0n; level++, width >>= 8n) {
    for (let index = 0n; index < width >> 8n; index++) yield { level, index, width: TILE_WIDTH };
    if (width % 256n > 0n) yield { level, index: width >> 8n, width: Number(width % 256n) };
  }
}

/**
 * Paths of everything but checkpoint and policy that a published log of this size has, below its directory.
 */
export function* publishedPaths(size: bigint): Generator<string> {
  for (const tile of tilesOf(size)) {
    yield tilePath(tile);
    if (tile.level === 0) yield bundlePath(tile);
  }
}

/** Entries of a bundle, each after its length as uint16. */
export function formatBundle(entries: readonly Uint8Array[]): Uint8Array {
  return concat(...entries.flatMap((entry) => [uint16be(entry.length), entry]));
}

/** Reads a bundle of exactly `width` entries. */
export function parseBundle(bytes: Uint8Array, width: number): Uint8Array[] {
  const entries: Uint8Array[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length;) {
    const start = at + 2;
    if (start > bytes.length) refuse('bundle');
    at = start + view.getUint16(at);
    if (at > bytes.length) refuse('bundle');
    entries.push(bytes.subarray(start, at));
  }
  return entries.length === width ? entries : refuse('bundle');
}

/**
 * The right edge of a log: for each level the hashes of its last, partial tile (none when that level ends
 * evenly).
 */
export type Edge = readonly Uint8Array[];

export interface Appended {
  /** Each tile that changed, whole. */
  readonly tiles: readonly (TileAddress & { readonly data: Uint8Array })[];
  readonly edge: Edge;
  readonly size: bigint;
  readonly root: Uint8Array;
}

/** Appends leaves to a log of which only the right edge is known. Cost: the leaves, not the log. */
export function appendLeaves(edge: Edge, size: bigint, leafHashes: readonly Uint8Array[]): Appended {
  const tiles: Appended['tiles'][number][] = [];
  const grown: Uint8Array[] = [];
  let fresh = leafHashes;
  for (let level = 0, width = size; fresh.length > 0 || width > 0n; level++, width >>= 8n) {
    const level_ = appendLevel(level, width, edge[level] ?? new Uint8Array(0), fresh);
    tiles.push(...level_.tiles);
    grown.push(level_.rest);
    fresh = level_.roots;
  }
  const newSize = size + BigInt(leafHashes.length);
  return { tiles, edge: grown, size: newSize, root: edgeRoot(grown) };
}

function appendLevel(level: number, width: bigint, edge: Uint8Array, fresh: readonly Uint8Array[]) {
  if (edge.length !== 32 * Number(width % 256n)) refuse('edge');
  const tiles: Appended['tiles'][number][] = [];
  const roots: Uint8Array[] = [];
  let rest = joinHashes(edge, fresh);
  for (let index = width >> 8n; fresh.length > 0 && rest.length > 0; index++) {
    const data = rest.slice(0, 32 * TILE_WIDTH);
    const count = data.length / 32;
    tiles.push({ level, index, width: count, data });
    if (count < TILE_WIDTH) break;
    roots.push(subtreeRoot(data, 0, TILE_WIDTH));
    rest = rest.subarray(32 * TILE_WIDTH);
  }
  return { tiles, roots, rest: rest.slice() };
}

function joinHashes(edge: Uint8Array, fresh: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(edge.length + 32 * fresh.length);
  joined.set(edge);
  for (const [i, hash] of fresh.entries()) joined.set(hash, edge.length + 32 * i);
  return joined;
}

/** Root of the whole log out of its right edge: the peaks from the highest level down to the lowest. */
function edgeRoot(edge: Edge): Uint8Array {
  const peaks = [...edge].reverse().flatMap(subtreeRoots);
  return foldRight(peaks) ?? EMPTY_ROOT;
}

function subtreeRoots(data: Uint8Array): Uint8Array[] {
  const subtrees = completeSubtrees(0n, BigInt(data.length / 32));
  return Array.from(subtrees, ([level, n]) => subtreeRoot(data, Number(n) << level, 1 << level));
}

function subtreeRoot(data: Uint8Array, from: number, count: number): Uint8Array {
  if (data.length < 32 * (from + count)) refuse('tile');
  let row = data.subarray(32 * from, 32 * (from + count));
  while (row.length > 32) row = joinPairs(row);
  return row;
}

function joinPairs(row: Uint8Array): Uint8Array {
  const joined = new Uint8Array(row.length / 2);
  for (let at = 0; at < row.length; at += 64)
    joined.set(nodeHash(row.subarray(at, at + 32), row.subarray(at + 32, at + 64)), at / 2);
  return joined;
}

/**
 * Reads nodes of any level out of tiles; `read` gives the hashes of a tile of at least the width asked for.
 */
export function nodesFromTiles(read: (tile: TileAddress) => Promise<Uint8Array>): NodeReader {
  return async (level, n) => {
    const within = level % TILE_HEIGHT;
    const first = n << BigInt(within);
    const from = Number(first % 256n);
    const count = 1 << within;
    const tile = { level: (level - within) / TILE_HEIGHT, index: first >> 8n, width: from + count };
    return subtreeRoot(await read(tile), from, count);
  };
}
