import { openCheckpoint, parseProof } from '../../protocol/log/proof.js';
import { readCheckpoint } from '../../protocol/log/witness.js';
import type { Device } from '../device/device.js';
import { logPath } from '../device/log-path.js';
import { fetchProofs } from '../referral/proofs.js';

/**
 * Whether everything that was stated about a referral is in the logs that the whole world can see.
 * @throws Refused `proof`, `quorum`, `checkpoint`; Problem `not_found`
 * @example
 * show(await isPublished(device, referral));
 */
export async function isPublished(device: Device, referral: string): Promise<boolean> {
  const proofs = (await fetchProofs(device, referral)).map(({ proof }) => parseProof(proof));
  const places = proofs.map(({ index, checkpoint }) => ({ index, log: readCheckpoint(checkpoint).origin }));
  for (const log of new Set(places.map((place) => place.log))) {
    const size = await publishedSize(device, log);
    if (places.some((place) => place.log === log && place.index >= size)) return false;
  }
  return true;
}

/** Size of the newest tree of a log that its witnesses have seen; 0 where there is none. */
async function publishedSize(device: Device, origin: string): Promise<bigint> {
  const note = await device.transport.bytes(`${logPath(origin)}/checkpoint`);
  return note ? openCheckpoint(note, device.follower.policy).checkpoint.size : 0n;
}
