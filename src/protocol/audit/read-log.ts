import { equalBytes, utf8 } from '../bytes.js';
import { refuse } from '../errors.js';
import { parseCheckpoint, type Checkpoint } from '../log/checkpoint.js';
import { GrowingTree, type BuiltTile } from '../log/growing-tree.js';
import { leafHash } from '../log/merkle.js';
import { openNote, type OpenedNote } from '../log/note.js';
import type { Policy } from '../log/policy.js';
import { bundlePath, parseBundle, TILE_WIDTH, tilePath } from '../log/tiles.js';
import type { LogDirectory, Progress } from './input.js';
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
  readonly progress: Progress;
}

/**
 * Reads one log of one year through, a bundle at a time: policy, note, checkpoint, quorum, entries against tiles against
 * root. Answers its size if all of it could be read, right or wrong.
 */
export async function readLog(copy: LogCopy, log: TrustedLog, visit: Visit): Promise<bigint | undefined> {
  await verifyPolicy(copy, log);
  const checkpoint = await verifyCheckpoint(copy, log);
  if (!checkpoint || !log.policy.isWitnessed) copy.findings.isUnwitnessed();
  if (!checkpoint) return undefined;
  const reading = { directory: log.directory, origin: log.origin, tree: new GrowingTree() };
  for (let index = 0n; reading.tree.size < checkpoint.size; index++) {
    if (!(await readBundle(copy, reading, { index, size: checkpoint.size, visit }))) return undefined;
    copy.progress({ log: log.directory, done: reading.tree.size, size: checkpoint.size });
  }
  for (const tile of reading.tree.partialTiles()) await verifyTile(copy, log.directory, tile);
  const isRoot = equalBytes(reading.tree.root, checkpoint.root);
  copy.findings.expect('root', isRoot, `${log.directory}/checkpoint`, 'other-entries');
  return checkpoint.size;
}

async function readFile({ files, findings }: LogCopy, path: string): Promise<Uint8Array | undefined> {
  const bytes = await files.read(path);
  if (!bytes) findings.lacks(path);
  return bytes;
}

async function verifyPolicy(copy: LogCopy, { directory, policyText }: TrustedLog): Promise<void> {
  const bytes = await readFile(copy, `${directory}/policy`);
  if (!bytes) return;
  copy.findings.expect(
    'policy',
    equalBytes(bytes, utf8(policyText)),
    `${directory}/policy`,
    'not-as-trusted',
  );
}

async function verifyCheckpoint(copy: LogCopy, log: TrustedLog): Promise<Checkpoint | undefined> {
  const path = `${log.directory}/checkpoint`;
  const bytes = await readFile(copy, path);
  const note = bytes && copy.findings.attempt('note', path, () => openWholeNote(bytes, log.policy));
  if (!note) return undefined;
  const checkpoint = copy.findings.attempt('checkpoint', path, () => checkpointOf(note, log));
  if (checkpoint && log.policy.isWitnessed)
    copy.findings.expect('quorum', log.policy.isMet(note.signatures), path, 'too-few-witnesses');
  return checkpoint;
}

/**
 * A published checkpoint carries signatures by known keys only: a line that nobody can verify would be a place where
 * bytes change unseen.
 */
function openWholeNote(bytes: Uint8Array, policy: Policy): OpenedNote {
  const note = openNote(bytes, policy.keys);
  const lines = new TextDecoder().decode(bytes).slice(note.text.length).split('\n').length - 2;
  return lines === note.signatures.length ? note : refuse('unknown-signer');
}

function checkpointOf(note: OpenedNote, log: TrustedLog): Checkpoint {
  const checkpoint = parseCheckpoint(note.text);
  if (checkpoint.origin !== log.origin) refuse('other-log');
  const isSigned = note.signatures.some(({ key }) => key.name === log.origin && key.id === log.key.id);
  return isSigned ? checkpoint : refuse('log-signature');
}

interface BundleOf {
  readonly index: bigint;
  readonly size: bigint;
  readonly visit: Visit;
}

/** False when the bundle is not there or has no entries to read: then nothing after it can be judged either. */
async function readBundle(copy: LogCopy, reading: LogReading, of: BundleOf): Promise<boolean> {
  const { directory, tree } = reading;
  const left = of.size - tree.size;
  const width = left < TILE_WIDTH ? Number(left) : TILE_WIDTH;
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
