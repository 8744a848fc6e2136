import type { ReceiptKeys } from '../encoding/codes.js';
import { refuse } from '../encoding/errors.js';
import { openBase } from './hpke-open.js';
import { boxKey, signingKey, type BoxKey } from './keys.js';
import { secondInfo } from './second-seal.js';

/** The keys of a receipt, by the box key of its second code. The server controls every byte of `sealed`. */
export function openSecond(sealed: Uint8Array, referral: string, own: BoxKey): ReceiptKeys {
  const seeds = openBase(own.seed, secondInfo(referral), sealed);
  if (seeds.length !== 96) refuse('second');
  return {
    sign: signingKey(seeds.slice(0, 32)),
    box: boxKey(seeds.slice(32, 64)),
    read: signingKey(seeds.slice(64)),
  };
}
