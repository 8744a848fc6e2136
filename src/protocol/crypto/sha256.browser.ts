/** SHA-256 (FIPS 180-4) where the platform has no synchronous one. */
export { sha256 } from '@noble/hashes/sha2.js';
