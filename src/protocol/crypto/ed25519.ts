import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { toBase64url } from '../encoding/bytes.js';

/** Most signatures are by a few keys, and to make a key object takes nearly as long as to verify. */
const objects = new Map<string, KeyObject>();
const MAX_OBJECTS = 1000;

/**
 * Ed25519 (RFC 8032) by the platform: a tenth faster than WebAssembly when that is alone, a third when it is
 * not. The caller has refused what OpenSSL takes and libsodium does not: keys, and points R, of small order.
 */
export function verifyEd25519(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  return verify(null, message, keyObject(publicKey), signature);
}

function keyObject(publicKey: Uint8Array): KeyObject {
  const x = toBase64url(publicKey);
  const known = objects.get(x);
  if (known) return known;
  const made = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  if (objects.size === MAX_OBJECTS) objects.clear();
  objects.set(x, made);
  return made;
}
