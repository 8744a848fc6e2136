import { equalBytes, fromBase64url } from '../encoding/bytes.js';
import { refuse } from '../encoding/errors.js';
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

/**
 * Opens a grant with the device's box key; taken only if the seed yields the keys that the registry shows.
 */
export function openGrant(grant: Payload<'key-grant+jws'>, shown: ShownEpoch, device: BoxKey): EpochKeys {
  const isForThis =
    grant.service === shown.service &&
    grant.epoch === shown.epoch &&
    equalBytes(fromBase64url(grant.boxId), shown.boxId) &&
    equalBytes(fromBase64url(grant.deviceBoxId), device.id);
  if (!isForThis) refuse('grant-members');
  const keys = openExportedGrant(grant, device);
  return equalBytes(keys.sign.publicKey, shown.signKey) ? keys : refuse('grant-seed');
}

/**
 * The keys of a grant that was taken along, where no registry is at hand: those of the epoch that it names
 * itself.
 */
export function openExportedGrant(grant: Payload<'key-grant+jws'>, paper: BoxKey): EpochKeys {
  const { service, epoch } = grant;
  const [boxId, deviceBoxId] = [fromBase64url(grant.boxId), fromBase64url(grant.deviceBoxId)];
  const seed = openBase(
    paper.seed,
    grantInfo({ service, epoch, boxId, deviceBoxId }),
    fromBase64url(grant.sealed),
  );
  if (seed.length !== 32) refuse('grant-seed');
  const keys = epochKeys(seed);
  return equalBytes(keys.box.id, boxId) ? keys : refuse('grant-seed');
}
