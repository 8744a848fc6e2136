import { concat, equalBytes } from '../bytes.js';
import { refuse } from '../errors.js';
import { bodyKeys, CHUNK, chunkNonce, TAG } from './body-key.js';
import { sodium } from './sodium.js';

const HEAD = 64;

/**
 * Opens a sealed body to its padded plaintext. The commitment is compared first, in constant time: without it one
 * ciphertext could open to two texts under two keys, one for each reader.
 */
export function openBody(cek: Uint8Array, ctxHash: Uint8Array, body: Uint8Array): Uint8Array {
  if (body.length <= HEAD + TAG) refuse('commitment');
  const { key, commit } = bodyKeys(cek, body.subarray(0, 32), ctxHash);
  if (!equalBytes(commit, body.subarray(32, HEAD))) refuse('commitment');
  const chunks: Uint8Array[] = [];
  for (let at = HEAD, j = 0; at < body.length; at += CHUNK + TAG, j++) {
    const isLast = at + CHUNK + TAG >= body.length;
    chunks.push(openChunk(body.subarray(at, at + CHUNK + TAG), chunkNonce(j, isLast), key));
  }
  key.fill(0);
  return concat(...chunks);
}

function openChunk(chunk: Uint8Array, nonce: Uint8Array, key: Uint8Array): Uint8Array {
  try {
    return sodium.crypto_aead_chacha20poly1305_ietf_decrypt(null, chunk, null, nonce, key);
  } catch {
    return refuse('chunk');
  }
}
