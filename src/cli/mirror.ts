import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { copyCharters, isLogPublished, lastLogEntry, type Transport } from '../client/index.js';
import { concat, equalBytes } from '../protocol/encoding/bytes.js';
import { refuse } from '../protocol/encoding/errors.js';
import type { Checkpoint } from '../protocol/log/checkpoint.js';
import { EMPTY_ROOT, leafHash, rangeRoot } from '../protocol/log/merkle.js';
import { openCheckpoint } from '../protocol/log/proof.js';
import {
  appendLeaves,
  bundlePath,
  nodesFromTiles,
  parseBundle,
  TILE_WIDTH,
  tilePath,
  widthAt,
  type Edge,
  type TileAddress,
} from '../protocol/log/tiles.js';
import { ReadAhead } from '../protocol/audit/read-ahead.js';
import { throughYears, type TrustedLog } from '../protocol/audit/trusted-logs.js';
import type { TrustFile } from '../protocol/schemas/trust.js';
import { readIfThere, writeDurably } from './files.js';

const WIDTH = BigInt(TILE_WIDTH);

/** A tree as far as it was read: enough to go on from there. */
export interface Grown {
  readonly size: bigint;
  readonly root: Uint8Array;
  readonly edge: Edge;
}

const EMPTY: Grown = { size: 0n, root: EMPTY_ROOT, edge: [] };

/** What a server publishes below a log's directory. Every byte is the server's. */
export type ReadPublished = (path: string) => Promise<Uint8Array>;

export function published(transport: Transport, { directory }: TrustedLog): ReadPublished {
  return async (path) => {
    const bytes = await transport.bytes(`/log/${directory}/${path}`);
    return bytes ?? refuse(`no ${directory}/${path}`);
  };
}

/** Runs what compares a copy with a note that the log has signed; a witness keeps what is refused. */
export type Watch = (
  of: { readonly log: TrustedLog; readonly shown: string },
  grow: () => Promise<void>,
) => Promise<void>;

interface Mirroring {
  readonly directory: string;
  readonly watch: Watch;
}

/** A checkpoint that this log's key has signed. @throws Refused */
export function signedCheckpoint(note: Uint8Array | string, { key }: TrustedLog): Checkpoint {
  return openCheckpoint(note, { logs: [key], keys: [key] }).checkpoint;
}

/**
 * A copy of the logs in the layout of C2SP tlog-tiles: any web server can serve it, `relais verify` takes it
 * as it is. Only what is new is fetched. Each tile is computed from the entries and never believed; the
 * checkpoint is written last, so a copy that was cut off is the one before, and goes on from there.
 */
export async function mirrorLogs(
  transport: Transport,
  trust: TrustFile,
  directory: string,
  watch: Watch = (_, grow) => grow(),
): Promise<void> {
  await throughYears(trust, async (ofYear) => {
    let last = '';
    for (const log of [...ofYear].reverse())
      if (await isLogPublished(transport, log))
        last = await mirrorLog(published(transport, log), log, {
          directory: join(directory, log.directory),
          watch,
        });
    return last;
  });
  await copyCharters(transport, (path, bytes) => write(join(directory, path), bytes));
}

/** Answers the log's last entry. */
async function mirrorLog(
  read: ReadPublished,
  log: TrustedLog,
  { directory, watch }: Mirroring,
): Promise<string> {
  const [note, policy] = [await read('checkpoint'), await read('policy')];
  const next = signedCheckpoint(note, log);
  const before = await copied(log, directory);
  const keep = (path: string, bytes: Uint8Array): void => write(join(directory, path), bytes);
  await watch({ log, shown: new TextDecoder().decode(note) }, async () =>
    requireRoot(await growTo(read, { from: before, to: next.size, write: keep }), next),
  );
  write(join(directory, 'policy'), policy);
  write(join(directory, 'checkpoint'), note);
  return lastLogEntry(read, next.size);
}

/** The tree of a copy, from its own files; a copy whose edge is damaged begins anew. */
export async function copied(log: TrustedLog, directory: string): Promise<Grown> {
  const note = await readIfThere(join(directory, 'checkpoint'));
  if (!note) return EMPTY;
  const checkpoint = checkpointOf(note, log);
  if (!checkpoint) return EMPTY;
  const { size, root } = checkpoint;
  const edge: Uint8Array[] = [];
  for (let level = 0, width = size; width > 0n; level++, width >>= 8n) {
    const partial = Number(width % WIDTH);
    const path = tilePath({ level, index: width / WIDTH, width: partial });
    const bytes = partial === 0 ? new Uint8Array(0) : await readIfThere(join(directory, path));
    if (bytes?.length !== 32 * partial) return EMPTY;
    edge.push(bytes);
  }
  const found = { size, root, edge };
  return equalBytes(appendLeaves(edge, size, []).root, root) ? found : EMPTY;
}

/** Undefined for a file that was damaged. */
function checkpointOf(note: Uint8Array, log: TrustedLog): Checkpoint | undefined {
  try {
    return signedCheckpoint(note, log);
  } catch {
    return undefined;
  }
}

export interface Growth {
  readonly from: Grown;
  readonly to: bigint;
  /** A size on the way at which the tree must have had this root. */
  readonly past?: Checkpoint | undefined;
  readonly write?: (path: string, bytes: Uint8Array) => void;
}

/** Reads the entries up to a size, a bundle at a time. @throws Refused */
export async function growTo(read: ReadPublished, { from, to, past, write: keep }: Growth): Promise<Grown> {
  if (to < from.size) refuse('rollback');
  let tree = from;
  const ahead = new ReadAhead(read);
  while (tree.size < to) {
    const index = tree.size / WIDTH;
    ahead.begin(bundlesFrom(index, to));
    const { path, width } = bundleAt(index, to);
    const bundle = (await ahead.read(path)) ?? refuse(`no ${path}`);
    const fresh = freshHashes(tree, parseBundle(bundle, width));
    if (past && past.size > tree.size && past.size <= tree.size + BigInt(fresh.length)) {
      const until = Number(past.size - tree.size);
      requireRoot(append(tree, fresh.slice(0, until)).tree, past);
    }
    const { tree: grown, tiles } = append(tree, fresh);
    for (const tile of tiles) if (isOfSize(tile, to)) keep?.(tilePath(tile), tile.data);
    keep?.(path, bundle);
    tree = grown;
  }
  return tree;
}

function bundleAt(index: bigint, size: bigint): { path: string; width: number } {
  const width = widthAt({ level: 0, index }, size);
  return { path: bundlePath({ index, width }), width };
}

function* bundlesFrom(from: bigint, size: bigint): Generator<string> {
  for (let index = from; index * WIDTH < size; index++) yield bundleAt(index, size).path;
}

/**
 * Hashes of what the tree does not have yet; what it has must be the same, or the copy would keep what nobody
 * signed.
 */
function freshHashes({ edge, size }: Grown, entries: readonly Uint8Array[]): Uint8Array[] {
  const hashes = entries.map(leafHash);
  const known = Number(size % WIDTH);
  if (!equalBytes(concat(...hashes.slice(0, known)), edge[0] ?? new Uint8Array(0)))
    refuse('another tree of that size was signed');
  return hashes.slice(known);
}

/** The root that a copy of `size` entries had at a smaller size, out of its tiles. */
export async function rootOfCopy(directory: string, size: bigint, at: bigint): Promise<Uint8Array> {
  const nodes = nodesFromTiles(async ({ level, index }) => {
    const width = widthAt({ level, index }, size);
    return (
      (await readIfThere(join(directory, tilePath({ level, index, width })))) ?? refuse('the copy is damaged')
    );
  });
  return rangeRoot(nodes, 0n, at);
}

export function requireRoot({ root }: { readonly root: Uint8Array }, checkpoint: Checkpoint): void {
  if (!equalBytes(root, checkpoint.root)) refuse('another tree of that size was signed');
}

function append({ edge, size }: Grown, fresh: readonly Uint8Array[]) {
  const { tiles, ...tree } = appendLeaves(edge, size, fresh);
  return { tree, tiles };
}

/** Full, or the last of its level at that size. */
function isOfSize({ level, index, width }: TileAddress, size: bigint): boolean {
  if (width === TILE_WIDTH) return true;
  const ofLevel = size >> BigInt(8 * level);
  return index === ofLevel / WIDTH && BigInt(width) === ofLevel % WIDTH;
}

function write(path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeDurably(path, bytes);
}
