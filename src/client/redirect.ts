import { refuse } from '../protocol/errors.js';
import type { HandoffRecord } from '../protocol/schemas/handoff-record.js';
import type { Device } from './device.js';
import { findService, type FoundService } from './find.js';
import { getReferral } from './referrals.js';
import type { ToSend } from './send.js';

/** All that a new referral needs but the person's consent, which is asked for anew. */
export type RedirectDraft = Omit<ToSend, 'consent'>;

/**
 * Drafts out of a referral that was declined with other services in its place, one for each that still takes referrals.
 * `record` is what this device kept of what it had sent: the server's copy went with the refusal. Nothing in a new
 * referral names the old one; the person decides, service by service, and consents to each anew.
 */
export async function redirectDrafts(
  device: Device,
  referral: string,
  record: HandoffRecord,
): Promise<RedirectDraft[]> {
  const { source, statusReason, redirectTo, priority } = await getReferral(device, referral);
  if (statusReason !== 'redirect-proposed' || !device.serves(source)) refuse('referral');
  const proposed: FoundService[] = [];
  for (const service of redirectTo ?? []) proposed.push(await findService(device, service));
  return proposed
    .filter(({ status }) => status === 'open')
    .map((to) => ({ from: source, to, record, priority }));
}
