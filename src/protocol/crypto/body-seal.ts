import { concat, randomBytes } from '../encoding/bytes.js';
import { bodyKeys, CHUNK, chunkNonce } from './body-key.js';
import { sodium } from './sodium.js';

/**
 * Seals a padded plaintext as it comes, 64 KiB at a time; a body is `head` and then the sealed chunks. It
 * counts for itself, so that no nonce is used twice, and forgets the key with the last chunk. A `cek` seals
 * one body and never another.
 */
export class BodySealer {
  /** salt[32] ‖ commit[32] */
  readonly head: Uint8Array;
  private readonly key: Uint8Array;
  private next = 0;

  constructor(cek: Uint8Array, ctxHash: Uint8Array, salt = randomBytes(32)) {
    const { key, commit } = bodyKeys(cek, salt, ctxHash);
    this.key = key;
    this.head = concat(salt, commit);
  }

  /** Every chunk but the last is 65,536 bytes long. */
  seal(chunk: Uint8Array, isLast: boolean): Uint8Array {
    const nonce = chunkNonce(this.next++, isLast);
    const sealed = sodium.crypto_aead_chacha20poly1305_ietf_encrypt(chunk, null, null, nonce, this.key);
    if (isLast) this.key.fill(0);
    return sealed;
  }
}

/**
 * salt[32] ‖ commit[32] ‖ chunks of an already padded plaintext. A `cek` seals one body and never another.
 */
export function sealBody(
  cek: Uint8Array,
  ctxHash: Uint8Array,
  padded: Uint8Array,
  salt = randomBytes(32),
): Uint8Array {
  const sealer = new BodySealer(cek, ctxHash, salt);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < padded.length; at += CHUNK)
    chunks.push(sealer.seal(padded.subarray(at, at + CHUNK), at + CHUNK >= padded.length));
  return concat(sealer.head, ...chunks);
}
