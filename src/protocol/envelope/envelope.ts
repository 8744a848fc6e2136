import { sha256 } from '#sha256';
import { compareBytes, concat, equalBytes, uint32be, uint8, utf8 } from '../encoding/bytes.js';
import { refuse } from '../encoding/errors.js';

/** Kinds and roles of envelope v1 (docs/protocol/handoff.md, *Envelope v1*). */
export const KIND = {
  handoff: 1,
  message: 2,
  attachment: 3,
  auditAnswer: 5,
  carriedOver: 6,
  feedback: 7,
} as const;
export const ROLE = { receiver: 1, sender: 2, person: 3, auditor: 4 } as const;
export type Kind = (typeof KIND)[keyof typeof KIND];
export type Role = (typeof ROLE)[keyof typeof ROLE];

/** enc[1120] ‖ ct[48]. */
export const WRAP_LENGTH = 1168;
const SUITE = 1;
const HEAD = concat(utf8('relais/envelope/v1'), uint8(0), uint8(SUITE));
/** Where each member of a context begins, after HEAD; entries follow to its end. */
const AT = { kind: HEAD.length, referral: 21, envelope: 37, consent: 53, count: 85, entries: 86 } as const;
const ENTRY = 33;
const MAX_ENTRIES = 16;
const BUCKETS = [4096, 8192, 16384, 65536];
const LEAST = 4096;
const CHUNK = 65536;
/** salt, commitment, and a tag for each chunk. */
const OVERHEAD = 64;
const TAG = 16;

export interface Recipient {
  readonly role: Role;
  readonly keyId: Uint8Array;
}

export interface Context {
  readonly kind: Kind;
  /** 16 bytes each. */
  readonly referral: Uint8Array;
  readonly envelope: Uint8Array;
  /** SHA-256 of the text of consent.given. */
  readonly consent: Uint8Array;
  readonly recipients: readonly Recipient[];
}

/**
 * The context of an envelope, to which every wrap, the body and the digest are bound. Recipients in ascending
 * order.
 */
export function makeContext({ kind, referral, envelope, consent, recipients }: Context): Uint8Array {
  const entries = sortRecipients(recipients).map(entryBytes);
  return concat(HEAD, uint8(kind), referral, envelope, consent, uint8(entries.length), ...entries);
}

/**
 * Reads a context. Its sender controls every byte: it means nothing before each field matches the statements.
 */
export function parseContext(bytes: Uint8Array): Context {
  if (bytes.length < AT.entries || !equalBytes(bytes.subarray(0, HEAD.length), HEAD)) refuse('ctx-form');
  const kind = bytes[AT.kind] as Kind;
  const count = bytes[AT.count] as number;
  if (bytes.length !== AT.entries + ENTRY * count || count > MAX_ENTRIES) refuse('ctx-form');
  if (!Object.values(KIND).includes(kind) || (count === 0) !== (kind === KIND.attachment)) refuse('ctx-form');
  return {
    kind,
    referral: bytes.subarray(AT.referral, AT.envelope),
    envelope: bytes.subarray(AT.envelope, AT.consent),
    consent: bytes.subarray(AT.consent, AT.count),
    recipients: parseEntries(bytes.subarray(AT.entries)),
  };
}

function parseEntries(bytes: Uint8Array): Recipient[] {
  const recipients: Recipient[] = [];
  for (let at = 0; at < bytes.length; at += ENTRY) {
    const entry = bytes.subarray(at, at + ENTRY);
    if (at > 0 && compareBytes(bytes.subarray(at - ENTRY, at), entry) >= 0) refuse('ctx-form');
    const role = entry[0] as Role;
    if (!Object.values(ROLE).includes(role)) refuse('ctx-form');
    recipients.push({ role, keyId: entry.subarray(1) });
  }
  return recipients;
}

function entryBytes({ role, keyId }: Recipient): Uint8Array {
  return concat(uint8(role), keyId);
}

/** Recipients in the order of a context: by role, then by key id. */
export function sortRecipients<T extends Recipient>(recipients: readonly T[]): T[] {
  return [...recipients].sort((a, b) => compareBytes(entryBytes(a), entryBytes(b)));
}

export function sameRecipients(a: readonly Recipient[], b: readonly Recipient[]): boolean {
  const [left, right] = [sortRecipients(a), sortRecipients(b)];
  return (
    left.length === right.length &&
    left.every(({ role, keyId }, i) => role === right[i]?.role && equalBytes(keyId, right[i].keyId))
  );
}

/** HPKE info of one wrap. */
export function wrapInfo(ctxHash: Uint8Array, { role, keyId }: Recipient): Uint8Array {
  return concat(utf8('relais/wrap/v1'), uint8(0), ctxHash, uint8(role), keyId);
}

/** What handoff.released signs: the context, the sealed body and every wrap, in the order of the context. */
export function digestOf(
  ctxHash: Uint8Array,
  body: Uint8Array,
  wrapHashes: readonly Uint8Array[],
): Uint8Array {
  return sha256(concat(utf8('relais/digest/v1'), uint8(0), ctxHash, sha256(body), ...wrapHashes));
}

/** SHA-256(label ‖ 00 ‖ salt ‖ text): the committed bytes are the text as it stands. */
export function commitTo(what: 'fields' | 'consent-record', salt: Uint8Array, text: string): Uint8Array {
  return sha256(concat(utf8(`relais/${what}/v1`), uint8(0), salt, utf8(text)));
}

/** Padmé (Nikitin et al., PETS 2019): leaks O(log log n) bits of a length for at most 12 % more. */
export function padme(length: number): number {
  const exponent = 31 - Math.clz32(length);
  const lowBits = exponent - (32 - Math.clz32(exponent));
  const unit = 2 ** lowBits;
  return Math.ceil(length / unit) * unit;
}

/** Length of the plaintext, its 4-byte length and zeros included, for a content of `length` bytes. */
export function paddedLength(kind: Kind, length: number): number {
  return findPaddedLength(kind, length) ?? refuse('too-large');
}

/** The same, or undefined for a content that no handoff or message can have. */
export function findPaddedLength(kind: Kind, length: number): number | undefined {
  if (kind === KIND.attachment) return padme(Math.max(LEAST, length + 4));
  return BUCKETS.find((bucket) => length + 4 <= bucket);
}

/** uint32(length) ‖ content ‖ zeros. */
export function padContent(kind: Kind, content: Uint8Array): Uint8Array {
  const padded = new Uint8Array(paddedLength(kind, content.length));
  padded.set(concat(uint32be(content.length), content));
  return padded;
}

export function sealedLength(padded: number): number {
  return OVERHEAD + padded + TAG * Math.ceil(padded / CHUNK);
}

/** Whether a sealed body has one of the four lengths that a handoff or message can have. */
export function isBucketLength(length: number): boolean {
  return BUCKETS.some((bucket) => sealedLength(bucket) === length);
}

/** Whether a sealed body can be that of an attachment whose content has at most `most` bytes. */
export function isAttachmentLength(length: number, most: number): boolean {
  const padded = length - OVERHEAD - TAG * Math.ceil((length - OVERHEAD) / (CHUNK + TAG));
  const isPadded = padded >= LEAST && padme(padded) === padded && sealedLength(padded) === length;
  return isPadded && padded <= padme(most + 4);
}
