import { concat, uint8, utf8 } from '../encoding/bytes.js';
import { expand, extract } from './kdf.js';

export const CHUNK = 65536;
export const TAG = 16;
/** salt and commitment */
export const HEAD = 64;

/** Key and key commitment of a sealed body (docs/protocol/handoff.md, *Envelope v1*). */
export function bodyKeys(
  cek: Uint8Array,
  salt: Uint8Array,
  ctxHash: Uint8Array,
): { key: Uint8Array; commit: Uint8Array } {
  const prk = extract(salt, cek);
  return {
    key: expand(prk, concat(utf8('relais/body/v1 key'), uint8(0), ctxHash)),
    commit: expand(prk, concat(utf8('relais/body/v1 commit'), uint8(0), ctxHash)),
  };
}

/** uint88(j) ‖ last: chunks can be neither reordered nor cut off. */
export function chunkNonce(index: number, isLast: boolean): Uint8Array {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setUint32(7, index);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}
