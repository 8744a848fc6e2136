import { equalBytes, fromBase64url } from '../bytes.js';
import { refuse } from '../errors.js';
import type { Payload } from '../schemas/signed.js';
import { grantInfo } from './grant-seal.js';
import { openBase } from './hpke-open.js';
import { epochKeys, type BoxKey, type EpochKeys } from './keys.js';

/** What the registry shows for the epoch that a grant claims to carry. */
export interface ShownEpoch {
  readonly service: string;
  readonly epoch: string;
  readonly boxId: Uint8Array;
  readonly signKey: Uint8Array;
}

/** Opens a grant with the device's box key; taken only if the seed yields the keys that the registry shows. */
export function openGrant(grant: Payload<'key-grant+jws'>, shown: ShownEpoch, device: BoxKey): EpochKeys {
  const isForThis =
    grant.service === shown.service &&
    grant.epoch === shown.epoch &&
    equalBytes(fromBase64url(grant.boxId), shown.boxId) &&
    equalBytes(fromBase64url(grant.deviceBoxId), device.id);
  if (!isForThis) refuse('grant-members');
  const context = { ...shown, deviceBoxId: device.id };
  const seed = openBase(device.seed, grantInfo(context), fromBase64url(grant.sealed));
  if (seed.length !== 32) refuse('grant-seed');
  const keys = epochKeys(seed);
  const isShown = equalBytes(keys.box.id, shown.boxId) && equalBytes(keys.sign.publicKey, shown.signKey);
  return isShown ? keys : refuse('grant-seed');
}
