import { concat, randomBytes, utf8 } from '../encoding/bytes.js';
import { strictText } from '../encoding/json.js';
import type { Welcome } from '../schemas/welcome.js';
import { sodium } from './sodium.js';

/**
 * nonce[12] ‖ ChaCha20-Poly1305 under an invitation code's welcome key. The nonce is random: a coordinator
 * may seal twice.
 */
export function sealWelcome(welcomeKey: Uint8Array, welcome: Welcome): Uint8Array {
  const nonce = randomBytes(12);
  const text = utf8(strictText(welcome));
  return concat(nonce, sodium.crypto_aead_chacha20poly1305_ietf_encrypt(text, null, null, nonce, welcomeKey));
}
