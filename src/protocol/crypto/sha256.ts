import { createHash, hash } from 'node:crypto';

/**
 * SHA-256 (FIPS 180-4) by the platform. Node's one-shot call takes 0.4 µs for a tree node where it gives
 * text, and 1.0 µs where it has to make a Buffer; JavaScript takes 2.2 µs.
 */
export function sha256(bytes: Uint8Array): Uint8Array {
  const text = hash('sha256', bytes, 'binary');
  const digest = new Uint8Array(32);
  for (let i = 0; i < 32; i++) digest[i] = text.charCodeAt(i);
  return digest;
}

/** SHA-256 of what comes piece by piece. */
export class Sha256 {
  private readonly hash = createHash('sha256');

  update(bytes: Uint8Array): void {
    this.hash.update(bytes);
  }

  digest(): Uint8Array {
    return new Uint8Array(this.hash.digest());
  }
}
