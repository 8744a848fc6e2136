import { fromBase64url, toBase64url, utf8 } from '../encoding/bytes.js';

const BEGIN = '<pre id="relais-case" hidden>';
const END = '</pre>';

/** A case file inside an HTML document: as base64url, of which no editor and no browser changes a byte. */
export function writeEmbeddedCase(caseText: string): string {
  return `${BEGIN}${toBase64url(utf8(caseText))}${END}`;
}

/**
 * The case file that a person's copy carries, as the bytes to be verified; undefined where there is none, or
 * more than one. Whoever made the document controls all of it: what stands around the case is verified by
 * nobody.
 */
export function readEmbeddedCase(html: string): Uint8Array | undefined {
  const [, found, ...more] = html.split(BEGIN);
  if (found === undefined || more.length > 0) return undefined;
  const text = found.slice(0, found.indexOf(END));
  return /^[A-Za-z0-9_-]+$/.test(text) && text.length % 4 !== 1 ? decode(text) : undefined;
}

function decode(text: string): Uint8Array | undefined {
  try {
    return fromBase64url(text);
  } catch {
    return undefined;
  }
}
