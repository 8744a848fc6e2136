import { expand as hkdfExpand, extract as hkdfExtract } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';

/** HMAC-SHA-256 (RFC 2104). */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  return hmac(sha256, key, message);
}

/** HKDF-Extract (RFC 5869, section 2.2) with SHA-256. */
export function extract(salt: Uint8Array, inputKey: Uint8Array): Uint8Array {
  return hkdfExtract(sha256, inputKey, salt);
}

/** HKDF-Expand (RFC 5869, section 2.3) with SHA-256; every derivation here takes 32 bytes, HPKE also 12. */
export function expand(prk: Uint8Array, info: Uint8Array, length = 32): Uint8Array {
  return hkdfExpand(sha256, prk, info, length);
}
