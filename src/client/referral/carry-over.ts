import { equalBytes, toBase64url, newId } from '../../protocol/encoding/bytes.js';
import { carryOver } from '../../protocol/handoff/carry-over.js';
import type { Device } from '../device/device.js';
import { fetchHandoff } from './open.js';

/**
 * Carries the content key over to the service's present epoch, so that the older seed can be destroyed and
 * the case stays readable. False where the handoff is sealed to the present epoch already.
 * @throws Refused `key-not-granted`; Problem `wrong_state` once it is erased
 * @example
 * for (const { referral } of await listReferrals(device, 'inbox'))
 *   await carryOverToCurrentEpoch(device, referral);
 */
export async function carryOverToCurrentEpoch(device: Device, referral: string): Promise<boolean> {
  const { input, own, service, trust } = await fetchHandoff(device, referral);
  const { box } = await device.epochOf(service);
  if (equalBytes(own.id, box.id)) return false;
  const { ctx, wraps, body } = carryOver(input, { own, later: box.publicKey }, trust);
  const [wrap = new Uint8Array(0)] = wraps;
  const path = `/v1/referrals/${referral}/carried-over`;
  const sealed = { ctx: toBase64url(ctx), wrap: toBase64url(wrap), body: toBase64url(body) };
  await device.session.send({ method: 'POST', path, idempotencyKey: newId(), body: sealed });
  return true;
}
