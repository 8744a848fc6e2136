import { concat } from '../encoding/bytes.js';
import { refuse } from '../encoding/errors.js';
import { keySchedule } from './key-schedule.js';
import { sodium } from './sodium.js';

/**
 * HPKE.SealBase (RFC 9180, section 6.1) with empty aad → enc[1120] ‖ ciphertext. Fresh randomness each time.
 * Whoever owns the key has made it: bytes that are no X-Wing key are refused, as an item that does not hold
 * and no fault of ours.
 */
export function sealBase(publicKey: Uint8Array, info: Uint8Array, plaintext: Uint8Array): Uint8Array {
  return sealWith(encapsulate(publicKey), info, plaintext);
}

function encapsulate(publicKey: Uint8Array) {
  try {
    return sodium.crypto_kem_xwing_enc(publicKey);
  } catch {
    return refuse('box-key');
  }
}

/** As `sealBase` with a fixed encapsulation seed (64 bytes): for test vectors alone. */
export function sealBaseDeterministic(
  publicKey: Uint8Array,
  info: Uint8Array,
  plaintext: Uint8Array,
  encapsulationSeed: Uint8Array,
): Uint8Array {
  return sealWith(sodium.crypto_kem_xwing_enc_deterministic(publicKey, encapsulationSeed), info, plaintext);
}

function sealWith(
  { ciphertext, sharedSecret }: { ciphertext: Uint8Array; sharedSecret: Uint8Array },
  info: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  const { key, nonce } = keySchedule(sharedSecret, info);
  const sealed = sodium.crypto_aead_chacha20poly1305_ietf_encrypt(plaintext, null, null, nonce, key);
  key.fill(0);
  sharedSecret.fill(0);
  return concat(ciphertext, sealed);
}
