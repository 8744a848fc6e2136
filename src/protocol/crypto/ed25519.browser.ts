import { sodium } from './sodium.js';

/** Ed25519 (RFC 8032) where there is no node:crypto; as `ed25519.ts`. */
export function verifyEd25519(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  return sodium.crypto_sign_verify_detached(signature, message, publicKey);
}
