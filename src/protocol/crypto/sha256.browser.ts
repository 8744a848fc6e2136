import { sha256 } from '@noble/hashes/sha2.js';

/** SHA-256 (FIPS 180-4) where the platform has no synchronous one. */
export { sha256 };

/** SHA-256 of what comes piece by piece. */
export class Sha256 {
  private readonly hash = sha256.create();

  update(bytes: Uint8Array): void {
    this.hash.update(bytes);
  }

  digest(): Uint8Array {
    return this.hash.digest();
  }
}
