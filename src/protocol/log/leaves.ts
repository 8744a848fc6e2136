import { concat, uint32be, uint64be, uint8, utf8 } from '../encoding/bytes.js';
import { hmacSha256 } from '../crypto/kdf.js';
import { refuse } from '../encoding/errors.js';

/** Every entry of the consent log has this length: a statement, a pad and an anchor look alike. */
export const LEAF_LENGTH = 33;
const HIDDEN = 1;
const ANCHOR = 2;

/**
 * Commitment to a statement (docs/protocol/log.md, *Leaves*): HMAC-SHA-256(‹log›/commitment/v1, opening ‖
 * uint32be(length) ‖ statement). `log` is the yearless name, `opening` 32 fresh random bytes.
 */
export function commitment(log: string, opening: Uint8Array, statement: string): Uint8Array {
  const text = utf8(statement);
  return hmacSha256(utf8(`${log}/commitment/v1`), concat(opening, uint32be(text.length), text));
}

export function statementLeaf(log: string, opening: Uint8Array, statement: string): Uint8Array {
  return concat(uint8(HIDDEN), commitment(log, opening, statement));
}

/** Ties the consent log to a root of the registry log. */
export function anchorLeaf(registryRoot: Uint8Array): Uint8Array {
  return concat(uint8(ANCHOR), registryRoot);
}

/** What shows that a leaf is a pad, and gives nothing else away. One seed per log and year. */
export function padOpening(padSeed: Uint8Array, index: bigint): Uint8Array {
  return hmacSha256(padSeed, uint64be(index));
}

export function padLeaf(log: string, opening: Uint8Array): Uint8Array {
  return concat(uint8(HIDDEN), hmacSha256(utf8(`${log}/pad/v1`), opening));
}

/** An entry of the consent log: the registry root of an anchor, undefined for anything hidden. */
export function readLeaf(data: Uint8Array): { readonly anchor?: Uint8Array } {
  if (data.length !== LEAF_LENGTH) refuse('leaf');
  if (data[0] === ANCHOR) return { anchor: data.subarray(1) };
  return data[0] === HIDDEN ? {} : refuse('leaf');
}
