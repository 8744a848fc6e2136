import { check } from '../encoding/check.js';
import { refuse } from '../encoding/errors.js';
import { parseStrict } from '../encoding/json.js';
import { Welcome } from '../schemas/welcome.js';
import { sodium } from './sodium.js';

/** Opens the welcome that a coordinator left under an invitation code. */
export function openWelcome(welcomeKey: Uint8Array, sealed: Uint8Array): Welcome {
  const welcome = parseStrict(decrypt(welcomeKey, sealed));
  return check(Welcome, welcome) ? welcome : refuse('welcome');
}

function decrypt(key: Uint8Array, sealed: Uint8Array): Uint8Array {
  try {
    const nonce = sealed.subarray(0, 12);
    return sodium.crypto_aead_chacha20poly1305_ietf_decrypt(null, sealed.subarray(12), null, nonce, key);
  } catch {
    return refuse('welcome');
  }
}
