import { concat, idToBytes, uint8, utf8 } from '../encoding/bytes.js';
import { sealBase } from './hpke-seal.js';

export interface GrantContext {
  readonly service: string;
  readonly epoch: string;
  /** Key id of the epoch's box key. */
  readonly boxId: Uint8Array;
  /** Key id of the box key that the grant is for: a device's, or a paper code's. */
  readonly deviceBoxId: Uint8Array;
}

/** HPKE info of a grant: which epoch of which service, for whom. */
export function grantInfo({ service, epoch, boxId, deviceBoxId }: GrantContext): Uint8Array {
  return concat(
    utf8('relais/grant/v1'),
    uint8(0),
    idToBytes(service),
    utf8(epoch),
    uint8(0),
    boxId,
    deviceBoxId,
  );
}

/** Seals an epoch's 32-byte seed to one device. */
export function sealGrant(seed: Uint8Array, context: GrantContext, devicePublicKey: Uint8Array): Uint8Array {
  return sealBase(devicePublicKey, grantInfo(context), seed);
}
