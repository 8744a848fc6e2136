import type { Referral } from '../../protocol/referral/state-machine.js';
import type { Device } from '../device/device.js';
import { readAll } from '../device/pages.js';

export type { Referral };

/**
 * Referrals of a box, newest first; the closed ones when asked for.
 * @throws Problem `unauthorised` where the device was revoked
 * @example
 * for (const { referral, status } of await listReferrals(device, 'inbox')) show(referral, status);
 */
export async function listReferrals(
  device: Device,
  box: 'inbox' | 'outbox',
  state?: 'closed',
): Promise<Referral[]> {
  return readAll(device.session, '/v1/referrals', { box, state });
}

/** One page of a box. */
export interface ReferralPage {
  readonly items: readonly Referral[];
  /** What to ask with as `after` for the next page; absent on the last one. */
  readonly next?: string;
}

/** Which page of which box is asked for. */
export interface ReferralQuery {
  readonly box: 'inbox' | 'outbox';
  readonly state?: 'open' | 'closed';
  /** One of the device's services; all of them when absent. */
  readonly service?: string;
  readonly after?: string | undefined;
  readonly limit?: string | undefined;
}

/**
 * One page of a box, for whoever shows it page by page.
 * @throws Problem `input_invalid` for a cursor or a limit that is none
 * @example
 * const { items, next } = await pageReferrals(device, { box: 'inbox', state: 'open' });
 */
export async function pageReferrals(device: Device, query: ReferralQuery): Promise<ReferralPage> {
  return device.session.json({ method: 'GET', path: '/v1/referrals', query: { ...query } });
}

/**
 * One referral as the two services see it: its state, never its content.
 * @throws Problem `not_found` where it is neither from nor to a service of this device
 * @example
 * const { status, respondBy } = await getReferral(device, referral);
 */
export async function getReferral(device: Device, referral: string): Promise<Referral> {
  return device.session.json({ method: 'GET', path: `/v1/referrals/${referral}` });
}
