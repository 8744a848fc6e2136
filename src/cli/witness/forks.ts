import { join } from 'node:path';
import { toHex, utf8 } from '../../protocol/encoding/bytes.js';
import { sha256 } from '../../protocol/crypto/sha256.js';
import { Refused } from '../../protocol/encoding/errors.js';
import { formatNote, openNote, type NoteKey } from '../../protocol/log/note.js';
import type { TrustedLog } from '../../protocol/audit/trusted-logs.js';
import type { WitnessState } from './state.js';

const FOLDER = 'forks';
/**
 * Each holds two notes. Whoever holds the log's key can make as many forks as they like; the first ones say
 * it all.
 */
const MOST = 64;
/**
 * Of those that strangers could have made of an honest note and a wrong proof: they never take the place of
 * the others.
 */
const MOST_UNPROVEN = 16;
const UNPROVEN = 'unproven-';
const CHECKS = new Set(['rollback', 'another tree of that size was signed']);

/** What the log signed does not continue what this witness cosigned. `where` both notes lie. */
export class ForkMet extends Refused {
  constructor(
    check: string,
    readonly where: string,
  ) {
    super(check);
  }
}

/**
 * Keeps the notes of whatever this refuses as a fork, and throws it on with where they lie. `shown` is a note
 * of this log.
 */
export async function keepingForks<T>(
  state: WitnessState,
  { log, shown }: { readonly log: TrustedLog; readonly shown: string },
  judge: () => Promise<T>,
): Promise<T> {
  try {
    return await judge();
  } catch (error) {
    if (!(error instanceof Refused) || !CHECKS.has(error.check)) throw error;
    throw new ForkMet(error.check, keepFork(state, log, shown).where);
  }
}

/**
 * Writes what this witness last cosigned of a log and what it was shown instead, both with the log's
 * signature, in one file that is named by what was shown: it is there whole or not at all, and no later fork
 * takes its place.
 */
export function keepFork(
  state: WitnessState,
  { directory, key }: Pick<TrustedLog, 'directory' | 'key'>,
  shown: string,
  isProven = true,
): { readonly where: string; readonly isNew: boolean } {
  const folder = state.folder.inner(FOLDER);
  const own = ownNote(shown, key);
  const prefix = isProven ? '' : UNPROVEN;
  const name = `${prefix}${directory.replace('/', '-')}-${toHex(sha256(utf8(own))).slice(0, 32)}`;
  const names = folder.names();
  if (names.includes(name)) return { where: folder.file(name), isNew: false };
  const alike = names.filter((each) => each.startsWith(UNPROVEN) !== isProven);
  if (alike.length >= (isProven ? MOST : MOST_UNPROVEN)) return { where: folder.path, isNew: false };
  folder.write(name, `${state.lastNote(key.name) ?? ''}\n${own}`);
  return { where: join(folder.path, name), isNew: true };
}

/** A note with its log's own signature alone: others may have added any lines. @throws Refused */
export function ownNote(note: string, key: NoteKey): string {
  const { text } = openNote(note, [key]);
  const lines = note
    .slice(text.length + 1)
    .split('\n')
    .filter((line) => line !== '');
  const line = lines.find((each) => each.startsWith(`— ${key.name} `)) ?? '';
  const own = formatNote(text, [`${line}\n`]);
  openNote(own, [key]);
  return own;
}
