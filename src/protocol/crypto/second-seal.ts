import { concat, idToBytes, uint8, utf8 } from '../encoding/bytes.js';
import { sealBase } from './hpke-seal.js';

/** HPKE info of a second code: of which referral it is. */
export function secondInfo(referral: string): Uint8Array {
  return concat(utf8('relais/second/v1'), uint8(0), idToBytes(referral));
}

/** Seals the three 32-byte seeds of a receipt to the box key of a second code: 1232 bytes. */
export function sealSecond(
  seeds: { readonly sign: Uint8Array; readonly box: Uint8Array; readonly read: Uint8Array },
  referral: string,
  publicKey: Uint8Array,
): Uint8Array {
  return sealBase(publicKey, secondInfo(referral), concat(seeds.sign, seeds.box, seeds.read));
}
