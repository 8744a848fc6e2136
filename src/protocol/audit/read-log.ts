import { equalBytes } from '../encoding/bytes.js';
import { refuse } from '../encoding/errors.js';
import { parseCheckpoint, type Checkpoint } from '../log/checkpoint.js';
import { GrowingTree, type BuiltTile } from '../log/growing-tree.js';
import { leafHash } from '../log/merkle.js';
import { openNote, type NoteKey, type OpenedNote } from '../log/note.js';
import { bundlePath, parseBundle, TILE_WIDTH, tilePath, widthAt } from '../log/tiles.js';
import type { LogDirectory, Progress } from './input.js';
import { ReadAhead } from './read-ahead.js';
import type { Findings } from './report.js';
import type { TrustedLog } from './trusted-logs.js';

/** A log while it is read through. */
export interface LogReading {
  readonly directory: string;
  readonly origin: string;
  readonly tree: GrowingTree;
}

/** What is told of every entry, in order. */
export type Visit = (entry: Uint8Array, index: bigint, reading: LogReading) => void;

export interface LogCopy {
  readonly files: LogDirectory;
  readonly findings: Findings;
  /** Of all trusted logs: a note of another log is named as such. */
  readonly logKeys: readonly NoteKey[];
  readonly progress: Progress;
}

/**
 * Reads one log of one year through, a bundle at a time: note, checkpoint, entries against tiles against
 * root. Answers its size if all of it could be read, right or wrong. Witnesses stand in the registry:
 * `verifyCosigned` asks for them later.
 */
export async function readLog(copy: LogCopy, log: TrustedLog, visit: Visit): Promise<bigint | undefined> {
  const checkpoint = await verifyCheckpoint(copy, log);
  if (!checkpoint) return undefined;
  const { size } = checkpoint;
  const ahead = new ReadAhead((path) => copy.files.read(path));
  const hurried = { ...copy, files: ahead };
  const reading = { directory: log.directory, origin: log.origin, tree: new GrowingTree() };
  for (let index = 0n; reading.tree.size < size; index++) {
    ahead.begin(filesFrom(log.directory, index, size));
    if (!(await readBundle(hurried, reading, { index, size, visit }))) return undefined;
    copy.progress({ log: log.directory, done: reading.tree.size, size });
  }
  for (const tile of reading.tree.partialTiles()) await verifyTile(copy, log.directory, tile);
  const isRoot = equalBytes(reading.tree.root, checkpoint.root);
  copy.findings.expect('root', isRoot, `${log.directory}/checkpoint`, 'other-entries');
  return size;
}

/** The bundles from an index on, each with the tile of its hashes, as they are read. */
function* filesFrom(directory: string, from: bigint, size: bigint): Generator<string> {
  for (let index = from; index * BigInt(TILE_WIDTH) < size; index++) {
    const width = widthAt({ level: 0, index }, size);
    yield `${directory}/${bundlePath({ index, width })}`;
    if (width === TILE_WIDTH) yield `${directory}/${tilePath({ level: 0, index, width })}`;
  }
}

export async function readFile({ files, findings }: LogCopy, path: string): Promise<Uint8Array | undefined> {
  const bytes = await files.read(path);
  if (!bytes) findings.lacks(path);
  return bytes;
}

async function verifyCheckpoint(copy: LogCopy, log: TrustedLog): Promise<Checkpoint | undefined> {
  const path = `${log.directory}/checkpoint`;
  const bytes = await readFile(copy, path);
  const note = bytes && copy.findings.attempt('note', path, () => openNote(bytes, copy.logKeys));
  return note && copy.findings.attempt('checkpoint', path, () => checkpointOf(note, log));
}

function checkpointOf(note: OpenedNote, log: TrustedLog): Checkpoint {
  const checkpoint = parseCheckpoint(note.text);
  if (checkpoint.origin !== log.origin) refuse('other-log');
  return note.signatures.some(({ key }) => key.id === log.key.id) ? checkpoint : refuse('log-signature');
}

interface BundleOf {
  readonly index: bigint;
  readonly size: bigint;
  readonly visit: Visit;
}

/**
 * False when the bundle is not there or has no entries to read: then nothing after it can be judged either.
 */
async function readBundle(copy: LogCopy, reading: LogReading, of: BundleOf): Promise<boolean> {
  const { directory, tree } = reading;
  const width = widthAt({ level: 0, index: of.index }, of.size);
  const path = `${directory}/${bundlePath({ index: of.index, width })}`;
  const bytes = await readFile(copy, path);
  const entries = bytes && copy.findings.attempt('entries', path, () => parseBundle(bytes, width));
  for (const entry of entries ?? []) {
    const index = tree.size;
    tree.add(leafHash(entry));
    of.visit(entry, index, reading);
  }
  for (const tile of tree.takeFullTiles()) await verifyTile(copy, directory, tile);
  return entries !== undefined;
}

async function verifyTile(copy: LogCopy, directory: string, tile: BuiltTile): Promise<void> {
  const path = `${directory}/${tilePath(tile)}`;
  const bytes = await readFile(copy, path);
  if (!bytes) return;
  const detail = bytes.length < tile.data.length ? 'truncated' : 'not-of-these-entries';
  copy.findings.expect('tiles', equalBytes(bytes, tile.data), path, detail);
}
