import { sha256 } from '#sha256';
import { concat, uint32be } from '../encoding/bytes.js';

/**
 * 59 leaves find a fault that 5 % have with 95 % confidence, 299 one that 1 % have (docs/protocol/log.md,
 * *Samples*).
 */
export const MOST_SAMPLES = 299;

/** A tree of the consent log, in which leaves are drawn. */
export interface SampledTree {
  readonly size: bigint;
  readonly root: Uint8Array;
}

/**
 * The leaves that a challenge asks for: SHA-256(nonce ‖ root ‖ uint32be(counter)) as a number, modulo the
 * size, for the counters from 0 on; what was drawn before is passed over. The root was signed before the
 * nonce was known, so nobody chooses them.
 */
export function drawLeaves(nonce: Uint8Array, { size, root }: SampledTree, count: number): bigint[] {
  const wanted = size < BigInt(count) ? Number(size) : count;
  const drawn = new Set<bigint>();
  for (let counter = 0; drawn.size < wanted; counter++)
    drawn.add(toNumber(sha256(concat(nonce, root, uint32be(counter)))) % size);
  return [...drawn];
}

function toNumber(bytes: Uint8Array): bigint {
  return bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}
