import { refuse } from '../../protocol/encoding/errors.js';

/** What bytes 80–9F are in windows-1252. Not every Node has that table, and some have it wrong. */
const WINDOWS = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/**
 * The text of a table as some program saved it: UTF-8, UTF-16 by its mark, or else windows-1252, as
 * spreadsheets here write where they are not asked for UTF-8. Nothing is replaced: what no encoding explains
 * is found in its cell by `isGarbled`.
 */
export function readTableText(source: string | Uint8Array): string {
  if (typeof source === 'string') return source;
  const [a, b] = source;
  if (a === 0xff && b === 0xfe) return decode(source, 'utf-16le');
  if (a === 0xfe && b === 0xff) return decode(swapped(source), 'utf-16le');
  try {
    return decode(source, 'utf-8');
  } catch {
    return Array.from(source, (byte) => WINDOWS[byte - 0x80] ?? String.fromCharCode(byte)).join('');
  }
}

function decode(bytes: Uint8Array, encoding: 'utf-8' | 'utf-16le'): string {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return refuse('encoding');
  }
}

function swapped(bytes: Uint8Array): Uint8Array {
  return bytes.map((_, i) => bytes[i ^ 1] ?? 0);
}

/**
 * Whether a cell holds what nobody wrote: a NUL, half a character, the sign of one that was lost, a byte that
 * windows-1252 does not have; or letters as Macintosh and DOS tables look in it (`RenŽe`, `Ren‚e`).
 */
export function isGarbled(text: string): boolean {
  return (
    !text.isWellFormed() ||
    /[\0\uFFFD\u0081\u008D\u008F\u0090\u009D]/.test(text) ||
    /\p{L}[‚ƒ„†‡ˆ‰‹˜]|\p{Ll}[ŠŽ]/u.test(text)
  );
}
