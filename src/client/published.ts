import { openCheckpoint, parseProof } from '../protocol/log/proof.js';
import { parsePolicy } from '../protocol/log/policy.js';
import type { Device } from './device.js';
import { fetchProofs } from './referrals.js';

/** Whether everything that was stated about a referral is in the log that the whole world can see. */
export async function isPublished(device: Device, referral: string): Promise<boolean> {
  const proofs = (await fetchProofs(device, referral)).map(({ proof }) => parseProof(proof).index);
  const [consent = ''] = publicLogs(device.state.network.policy).filter((name) =>
    name.startsWith('consent/'),
  );
  const note = await device.transport.bytes(`/log/${consent}/checkpoint`);
  if (!note) return false;
  const { size } = openCheckpoint(note, device.follower.policy).checkpoint;
  return proofs.every((index) => index < size);
}

/** The logs that a policy names, as their public directories: `consent/2026`, `registry/2026`. */
export function publicLogs(policy: string): string[] {
  return parsePolicy(policy).logs.map((key) => key.name.split('/').slice(1).join('/'));
}
