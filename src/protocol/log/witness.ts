import { equalBytes, fromBase64, toBase64 } from '../encoding/bytes.js';
import type { SigningKey } from '../crypto/keys.js';
import { refuse, Refused } from '../encoding/errors.js';
import { parseCheckpoint, type Checkpoint } from './checkpoint.js';
import { verifyConsistency } from './merkle.js';
import { cosignNote, openNote, type NoteKey, type OpenedNote } from './note.js';

const MOST_HASHES = 63;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The body of `add-checkpoint` (C2SP tlog-witness): a tree, and how it grew out of the one of size `old`. */
export interface AddCheckpoint {
  readonly old: bigint;
  readonly consistency: readonly Uint8Array[];
  /** Signed note. */
  readonly checkpoint: string;
}

export function formatAddCheckpoint({ old, consistency, checkpoint }: AddCheckpoint): string {
  return [`old ${old}`, ...consistency.map(toBase64), '', checkpoint].join('\n');
}

/** @throws Refused add-checkpoint */
export function parseAddCheckpoint(body: Uint8Array): AddCheckpoint {
  const text = decode(body);
  const at = text.indexOf('\n\n');
  const [first = '', ...lines] = text.slice(0, Math.max(at, 0)).split('\n');
  if (!/^old (0|[1-9][0-9]{0,18})$/.test(first) || lines.length > MOST_HASHES) refuse('add-checkpoint');
  const consistency = lines.map(fromBase64);
  if (consistency.some((hash) => hash.length !== 32)) refuse('add-checkpoint');
  return { old: BigInt(first.slice(4)), consistency, checkpoint: text.slice(at + 2) };
}

/** What a witness answers. 409 says the size that it last cosigned. */
export type WitnessAnswer =
  | { readonly status: 200; readonly checkpoint: Checkpoint; readonly text: string }
  | { readonly status: 409; readonly size: bigint }
  | { readonly status: 400 | 403 | 404 | 422 };

/**
 * What a witness that last cosigned `last` does with a request, of which anybody may have written every byte:
 * the checks of C2SP tlog-witness in its order. On 200 it keeps `checkpoint`, durably and in one step with
 * this check, before it cosigns.
 */
export function considerCheckpoint(
  body: Uint8Array,
  logs: readonly NoteKey[],
  lastOf: (origin: string) => Checkpoint | undefined,
): WitnessAnswer {
  const request = attempt(() => parseAddCheckpoint(body));
  const checkpoint = request && attempt(() => readCheckpoint(request.checkpoint));
  if (!request || !checkpoint) return { status: 400 };
  const keys = logs.filter(({ name }) => name === checkpoint.origin);
  if (keys.length === 0) return { status: 404 };
  const note = openedBy(request.checkpoint, keys);
  if (typeof note === 'number') return { status: note };
  if (request.old > checkpoint.size) return { status: 400 };
  const last = lastOf(checkpoint.origin);
  if (request.old !== (last?.size ?? 0n)) return { status: 409, size: last?.size ?? 0n };
  if (last?.size === checkpoint.size && !equalBytes(last.root, checkpoint.root))
    return { status: 409, size: last.size };
  if (!hasGrown(last, checkpoint, request.consistency)) return { status: 422 };
  return { status: 200, checkpoint, text: note.text };
}

/** A note of no form is a bad request; one that none of the keys has signed is forbidden. */
function openedBy(note: string, keys: readonly NoteKey[]): OpenedNote | 400 | 403 {
  try {
    return openNote(note, keys);
  } catch (error) {
    if (error instanceof Refused) return error.check === 'note-signature' ? 403 : 400;
    throw error;
  }
}

function hasGrown(
  last: Checkpoint | undefined,
  next: Checkpoint,
  consistency: readonly Uint8Array[],
): boolean {
  if (last === undefined || last.size === 0n) return consistency.length === 0;
  const verified = attempt(() => {
    verifyConsistency(last, next, consistency);
    return true;
  });
  return verified ?? false;
}

/** What the text says, no signature of which is verified yet. */
export function readCheckpoint(note: string): Checkpoint {
  return parseCheckpoint(note.slice(0, note.indexOf('\n\n') + 1));
}

/**
 * Whose cosignature a line is: `relais-‹network›/witness/‹organisation›` (docs/protocol/log.md, *Logs, point
 * by point*).
 */
export function witnessName(network: string, organisation: string): string {
  return `relais-${network}/witness/${organisation}`;
}

/** A witness's line over a checkpoint that it has kept. `time` in seconds since 1970, never 0. */
export function cosignCheckpoint(text: string, name: string, key: SigningKey, time: Date): string {
  return cosignNote(text, name, key, BigInt(Math.floor(time.getTime() / 1000)));
}

/** The lines that are right cosignatures of this text by one of these keys; anything else is passed over. */
export function cosignaturesOf(
  text: string,
  lines: readonly string[],
  keys: readonly NoteKey[],
): { readonly line: string; readonly key: NoteKey }[] {
  const single = lines.filter((line) => !line.includes('\n'));
  return single.flatMap((line) => {
    const note = attempt(() => openNote(`${text}\n${line}\n`, keys));
    const [signature] = note?.text === text ? note.signatures : [];
    return signature ? [{ line, key: signature.key }] : [];
  });
}

function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    return refuse('add-checkpoint');
  }
}
