import { concat, equalBytes } from '../encoding/bytes.js';
import { refuse } from '../encoding/errors.js';
import { bodyKeys, CHUNK, chunkNonce, HEAD, TAG } from './body-key.js';
import { sodium } from './sodium.js';

/**
 * Opens a sealed body as it comes, chunk by chunk. The commitment is compared first, in constant time:
 * without it one ciphertext could open to two texts under two keys, one for each reader.
 */
export class BodyOpener {
  private readonly key: Uint8Array;
  private next = 0;

  /** `head` is salt[32] ‖ commit[32], as it was sent. */
  constructor(cek: Uint8Array, ctxHash: Uint8Array, head: Uint8Array) {
    const { key, commit } = bodyKeys(cek, head.subarray(0, 32), ctxHash);
    if (!equalBytes(commit, head.subarray(32))) refuse('commitment');
    this.key = key;
  }

  /** The next chunk, in order; whether it is the last is signed with it. */
  open(chunk: Uint8Array, isLast: boolean): Uint8Array {
    const opened = this.decrypt(chunk, chunkNonce(this.next++, isLast));
    if (isLast) this.key.fill(0);
    return opened;
  }

  private decrypt(chunk: Uint8Array, nonce: Uint8Array): Uint8Array {
    try {
      return sodium.crypto_aead_chacha20poly1305_ietf_decrypt(null, chunk, null, nonce, this.key);
    } catch {
      return refuse('chunk');
    }
  }
}

/** Opens a sealed body to its padded plaintext. */
export function openBody(cek: Uint8Array, ctxHash: Uint8Array, body: Uint8Array): Uint8Array {
  if (body.length <= HEAD + TAG) refuse('commitment');
  const opener = new BodyOpener(cek, ctxHash, body.subarray(0, HEAD));
  const chunks: Uint8Array[] = [];
  for (let at = HEAD; at < body.length; at += CHUNK + TAG)
    chunks.push(opener.open(body.subarray(at, at + CHUNK + TAG), at + CHUNK + TAG >= body.length));
  return concat(...chunks);
}
