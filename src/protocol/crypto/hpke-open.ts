import { refuse } from '../encoding/errors.js';
import { keySchedule } from './key-schedule.js';
import { sodium } from './sodium.js';

const ENCAPSULATED = 1120;

/**
 * HPKE.OpenBase (RFC 9180, section 6.1) with empty aad. Whoever sealed it controls every byte of `sealed`.
 */
export function openBase(seed: Uint8Array, info: Uint8Array, sealed: Uint8Array): Uint8Array {
  try {
    const sharedSecret = sodium.crypto_kem_xwing_dec(sealed.subarray(0, ENCAPSULATED), seed);
    const { key, nonce } = keySchedule(sharedSecret, info);
    const ciphertext = sealed.subarray(ENCAPSULATED);
    const plaintext = sodium.crypto_aead_chacha20poly1305_ietf_decrypt(null, ciphertext, null, nonce, key);
    key.fill(0);
    sharedSecret.fill(0);
    return plaintext;
  } catch {
    return refuse('hpke');
  }
}
