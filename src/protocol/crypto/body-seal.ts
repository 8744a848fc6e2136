import { concat, randomBytes } from '../bytes.js';
import { bodyKeys, CHUNK, chunkNonce } from './body-key.js';
import { sodium } from './sodium.js';

/** salt[32] ‖ commit[32] ‖ chunks of an already padded plaintext. A `cek` seals one body and never another. */
export function sealBody(
  cek: Uint8Array,
  ctxHash: Uint8Array,
  padded: Uint8Array,
  salt = randomBytes(32),
): Uint8Array {
  const { key, commit } = bodyKeys(cek, salt, ctxHash);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < padded.length; at += CHUNK) {
    const nonce = chunkNonce(at / CHUNK, at + CHUNK >= padded.length);
    const chunk = padded.subarray(at, at + CHUNK);
    chunks.push(sodium.crypto_aead_chacha20poly1305_ietf_encrypt(chunk, null, null, nonce, key));
  }
  key.fill(0);
  return concat(salt, commit, ...chunks);
}
