import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { equalBytes } from '../../../protocol/encoding/bytes.js';
import { parseCheckpoint, type Checkpoint } from '../../../protocol/log/checkpoint.js';
import { GrowingTree } from '../../../protocol/log/growing-tree.js';
import { leafHash } from '../../../protocol/log/merkle.js';
import { ALGORITHM, formatVkey, noteKey, openNote, parseVkey } from '../../../protocol/log/note.js';
import { bundlePath, parseBundle, TILE_WIDTH, widthAt } from '../../../protocol/log/tiles.js';
import type { LogKind } from '../heads.js';
import { originAfter, type LogIdentity, type LogName, type LogPair } from '../identity.js';
import type { LogKeys } from '../year.js';

const WIDTH = BigInt(TILE_WIDTH);

/** A witness's copy of a log: its files, and the newest tree in it that this log's key has signed. */
export interface MirroredLog {
  readonly checkpoint: Checkpoint;
  /** Signed note, with whatever cosignatures the copy has. */
  readonly note: string;
  readonly directory: string;
}

export type Mirror = Readonly<Record<LogKind, MirroredLog | undefined>>;

/** Where `relais log recover` puts the copies. */
export function mirrorsFolder(data: string): string {
  return join(data, 'mirrors');
}

/** The copies in a folder; what no key of ours has signed is not looked at. */
export async function readMirrors(folder: string, identity: LogPair): Promise<Mirror[]> {
  const names = await readdir(folder).catch(() => []);
  return Promise.all(
    names.map(async (name) => ({
      registry: await readMirrored(join(folder, name), identity, 'registry'),
      consent: await readMirrored(join(folder, name), identity, 'consent'),
    })),
  );
}

async function readMirrored(
  mirror: string,
  identity: LogPair,
  kind: LogKind,
): Promise<MirroredLog | undefined> {
  const { origin, year, vkey } = identity[kind];
  const directory = join(mirror, kind, String(year));
  try {
    const note = await readFile(join(directory, 'checkpoint'), 'utf8');
    const checkpoint = parseCheckpoint(openNote(note, [parseVkey(vkey)]).text);
    return checkpoint.origin === origin ? { checkpoint, note, directory } : undefined;
  } catch {
    return undefined;
  }
}

/** The first entry of the next year's registry, if a copy has one. */
export async function openingIn(
  folder: string,
  { identity, nextKeys }: { readonly identity: LogIdentity; readonly nextKeys: LogKeys },
): Promise<string | undefined> {
  const next = (kind: LogKind): LogName => {
    const { name, year } = identity[kind];
    const origin = originAfter(identity[kind]);
    const vkey = formatVkey(noteKey(origin, ALGORITHM.log, nextKeys[kind].publicKey));
    return { name, year: year + 1, origin, vkey };
  };
  const mirrors = await readMirrors(folder, { consent: next('consent'), registry: next('registry') });
  const mirrored = longest(mirrors, 'registry');
  const [first] = mirrored ? await readEntries(mirrored) : [];
  return first && new TextDecoder().decode(first);
}

/** The copy that knows the most of a log. */
export function longest(mirrors: readonly Mirror[], kind: LogKind): MirroredLog | undefined {
  const known = mirrors.flatMap((mirror) => mirror[kind] ?? []);
  return known.sort((a, b) => (a.checkpoint.size < b.checkpoint.size ? 1 : -1))[0];
}

/** All entries of a copy. Throws where they do not make the root that was signed. */
export async function readEntries({ checkpoint, directory }: MirroredLog): Promise<Uint8Array[]> {
  const entries: Uint8Array[] = [];
  const tree = new GrowingTree();
  for (let index = 0n; index * WIDTH < checkpoint.size; index++) {
    const width = widthAt({ level: 0, index }, checkpoint.size);
    const bundle = await readFile(join(directory, bundlePath({ index, width })));
    entries.push(...parseBundle(new Uint8Array(bundle), width));
  }
  for (const entry of entries) tree.add(leafHash(entry));
  if (!equalBytes(tree.root, checkpoint.root)) throw new Error(`the copy of ${checkpoint.origin} is damaged`);
  return entries;
}
