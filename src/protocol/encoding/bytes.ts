import { decodeBase64, encodeBase64, encodeBase64url } from '#base64';
import { refuse } from './errors.js';

const encoder = new TextEncoder();
/** By length modulo 4: the characters whose low 4, or 2, bits are zero. */
const CLEAN_ENDS = [undefined, undefined, 'AQgw', 'AEIMQUYcgkosw048'];
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const EMPTY: Uint8Array = new Uint8Array(0);

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Byte order of two arrays, as `Array.prototype.sort` wants it. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return (a[i] as number) - (b[i] as number);
  return a.length - b.length;
}

/** Equality in a time that depends on the lengths only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}

export function uint8(value: number): Uint8Array {
  return Uint8Array.of(value);
}

export function uint16be(value: number): Uint8Array {
  const bytes = new Uint8Array(2);
  new DataView(bytes.buffer).setUint16(0, value);
  return bytes;
}

export function uint32be(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

export function uint64be(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
}

export function readUint32be(bytes: Uint8Array, offset = 0): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(offset);
}

export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

/** Lower-case hex only. */
export function fromHex(text: string): Uint8Array {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) refuse('hex');
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

/** Standard base64 with padding (RFC 4648, section 4). */
export const toBase64 = encodeBase64;

/** Standard base64; refuses what is not canonical, the unused bits of the last character included. */
export function fromBase64(text: string): Uint8Array {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) refuse('base64');
  if (!endsCleanly(text.replace(/=+$/, ''))) refuse('base64');
  return decodeBase64(text);
}

/** base64url without padding (RFC 7515, section 2). */
export const toBase64url = encodeBase64url;

/** base64url without padding; refuses what is not canonical: two texts never give the same bytes. */
export function fromBase64url(text: string): Uint8Array {
  if (!isBase64url(text)) refuse('base64url');
  return decodeBase64(text);
}

/** Whether a text is the one form of some bytes in base64url without padding. */
export function isBase64url(text: string): boolean {
  return /^[A-Za-z0-9_-]*$/.test(text) && text.length % 4 !== 1 && endsCleanly(text);
}

/** The last character of an incomplete group carries 2 or 4 bits that must be zero. */
function endsCleanly(unpadded: string): boolean {
  const allowed = CLEAN_ENDS[unpadded.length % 4];
  return allowed === undefined || allowed.includes(unpadded.charAt(unpadded.length - 1));
}

export function isId(text: unknown): text is string {
  return typeof text === 'string' && ID.test(text);
}

/** 16 raw bytes of an id; no version bits are read into them. */
export function idToBytes(id: string): Uint8Array {
  if (!isId(id)) refuse('id');
  return fromHex(id.replaceAll('-', ''));
}

export function bytesToId(bytes: Uint8Array): string {
  if (bytes.length !== 16) refuse('id');
  return toHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export function randomBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}

/** 128 random bits, written 8-4-4-4-12. */
export function newId(): string {
  return bytesToId(randomBytes(16));
}
