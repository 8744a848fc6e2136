import { refuse } from '../../protocol/encoding/errors.js';
import { settleEach, type Settled } from '../device/each.js';
import type { HandoffRecord } from '../../protocol/schemas/handoff-record.js';
import type { Device } from '../device/device.js';
import { findService } from './find.js';
import { getReferral } from './list.js';
import type { ReferralDraft } from './seal.js';

/** All that a new referral needs but the person's consent, which is asked for anew. */
export type RedirectDraft = Omit<ReferralDraft, 'consent'>;

/**
 * Drafts out of a referral that was declined with other services in its place, one for each that still takes
 * referrals. `record` is what this device kept of what it had sent: the server's copy went with the refusal.
 * Nothing in a new referral names the old one; the person decides, service by service, and consents to each
 * anew. A service that takes none now is told: `service-closed`, or why it has no key to seal to.
 * @throws Refused `referral` where it was not declined with other services in its place, or is not this
 * device's; Problem `not_found`
 * @example
 * const { done, refused } = await redirectDrafts(device, referral, record);
 * for (const { to } of done) show(to.name); // the person decides on each anew
 */
export async function redirectDrafts(
  device: Device,
  referral: string,
  record: HandoffRecord,
): Promise<Settled<string, RedirectDraft>> {
  const { source, statusReason, redirectTo, priority } = await getReferral(device, referral);
  if (statusReason !== 'redirect-proposed' || !device.serves(source)) refuse('referral');
  return settleEach(redirectTo ?? [], async (service) => {
    const to = await findService(device, service);
    if (to.status !== 'open') refuse('service-closed');
    return { from: source, to, record, priority };
  });
}
