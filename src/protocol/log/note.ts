import { sha256 } from '#sha256';
import { concat, fromBase64, fromHex, toBase64, toHex, uint64be, uint8, utf8 } from '../encoding/bytes.js';
import { requireGoodKey, signBytes, verifyBytes, type SigningKey } from '../crypto/keys.js';
import { refuse } from '../encoding/errors.js';

/** Signature types of C2SP signed-note: a log's own, and a witness's timestamped cosignature/v1. */
export const ALGORITHM = { log: 1, cosignature: 4 } as const;
export type Algorithm = (typeof ALGORITHM)[keyof typeof ALGORITHM];

export interface NoteKey {
  readonly name: string;
  readonly algorithm: Algorithm;
  /** First four bytes of SHA-256(name ‖ 0A ‖ algorithm ‖ key), big-endian, as hex. */
  readonly id: string;
  readonly publicKey: Uint8Array;
}

export interface NoteSignature {
  readonly key: NoteKey;
  /** Seconds since 1970, of a cosignature. */
  readonly time?: bigint;
}

export interface OpenedNote {
  /** With its last newline, as it was signed. */
  readonly text: string;
  /** At least one, all of them verified; signatures by unknown keys are passed over. */
  readonly signatures: readonly NoteSignature[];
}

const MAX_SIGNATURES = 100;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The four-byte key id of signed-note, as hex. */
export function keyId(name: string, algorithm: Algorithm, publicKey: Uint8Array): string {
  return toHex(sha256(concat(utf8(`${name}\n`), uint8(algorithm), publicKey)).subarray(0, 4));
}

export function noteKey(name: string, algorithm: Algorithm, publicKey: Uint8Array): NoteKey {
  if (!isKeyName(name)) refuse('key-name');
  return { name, algorithm, id: keyId(name, algorithm, publicKey), publicKey: requireGoodKey(publicKey) };
}

/** `‹name›+‹id›+‹base64(algorithm ‖ key)›` */
export function formatVkey({ name, id, algorithm, publicKey }: NoteKey): string {
  return `${name}+${id}+${toBase64(concat(uint8(algorithm), publicKey))}`;
}

export function parseVkey(text: string): NoteKey {
  const [name, id = '', ...rest] = text.split('+') as [string, ...string[]];
  const key = fromBase64(rest.join('+'));
  const algorithm = key[0] as Algorithm;
  if (key.length !== 33 || !Object.values(ALGORITHM).includes(algorithm)) refuse('vkey');
  const parsed = noteKey(name, algorithm, key.subarray(1));
  return parsed.id === id ? parsed : refuse('vkey');
}

/** The signature line of a log over a note's text. */
export function signNote(text: string, name: string, key: SigningKey): string {
  const id = noteKey(name, ALGORITHM.log, key.publicKey).id;
  return signatureLine(name, id, signBytes(utf8(text), key));
}

/** A witness's line over a checkpoint (tlog-cosignature, cosignature/v1). */
export function cosignNote(text: string, name: string, key: SigningKey, time: bigint): string {
  const id = noteKey(name, ALGORITHM.cosignature, key.publicKey).id;
  return signatureLine(name, id, concat(uint64be(time), signBytes(cosignedBytes(text, time), key)));
}

export function formatNote(text: string, lines: readonly string[]): string {
  return `${text}\n${lines.join('')}`;
}

/**
 * Opens a signed note: strict form, and every signature by a known key must verify. Whoever serves the note
 * controls its bytes.
 */
export function openNote(note: Uint8Array | string, keys: readonly NoteKey[]): OpenedNote {
  const { text, lines } = splitNote(typeof note === 'string' ? note : decodeNote(note));
  if (lines.length > MAX_SIGNATURES) refuse('note');
  const seen = new Set<string>();
  const signatures = lines.flatMap((line) => {
    const { name, id, signature } = parseSignatureLine(line);
    const key = keys.find((known) => known.name === name && known.id === id);
    // of one key the first signature counts
    if (!key || seen.has(`${name} ${id}`)) return [];
    seen.add(`${name} ${id}`);
    return [verifySignature(text, key, signature)];
  });
  return signatures.length > 0 ? { text, signatures } : refuse('note-signature');
}

function verifySignature(text: string, key: NoteKey, signature: Uint8Array): NoteSignature {
  if (key.algorithm === ALGORITHM.log) {
    return verifyBytes(signature, utf8(text), key.publicKey) ? { key } : refuse('note-signature');
  }
  if (signature.length !== 72) refuse('note-signature');
  const time = new DataView(signature.buffer, signature.byteOffset).getBigUint64(0);
  if (time >= 1n << 63n) refuse('note-signature');
  const isSigned = verifyBytes(signature.subarray(8), cosignedBytes(text, time), key.publicKey);
  return isSigned ? { key, time } : refuse('note-signature');
}

function cosignedBytes(text: string, time: bigint): Uint8Array {
  return utf8(`cosignature/v1\ntime ${time}\n${text}`);
}

function signatureLine(name: string, id: string, signature: Uint8Array): string {
  return `— ${name} ${toBase64(concat(fromHex(id), signature))}\n`;
}

function splitNote(note: string): { text: string; lines: string[] } {
  // Control characters other than newline are refused by signed-note.
  // eslint-disable-next-line no-control-regex -- control characters are what is refused
  if (/[\u0000-\u0009\u000b-\u001f]/.test(note) || !note.endsWith('\n')) refuse('note');
  const at = note.lastIndexOf('\n\n');
  if (at < 0) refuse('note');
  return { text: note.slice(0, at + 1), lines: note.slice(at + 2, -1).split('\n') };
}

function parseSignatureLine(line: string): { name: string; id: string; signature: Uint8Array } {
  const match = /^— ([^ ]+) ([^ ]+)$/.exec(line) ?? refuse('note');
  const [, name, encoded] = match as readonly string[] as readonly [string, string, string];
  const bytes = fromBase64(encoded);
  if (!isKeyName(name) || bytes.length < 5) refuse('note');
  return { name, id: toHex(bytes.subarray(0, 4)), signature: bytes.subarray(4) };
}

function isKeyName(name: string): boolean {
  return name.length > 0 && !/[\p{White_Space}+]/u.test(name);
}

function decodeNote(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    return refuse('note');
  }
}
