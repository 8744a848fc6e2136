import { newId, toBase64url, randomBytes } from '../../protocol/encoding/bytes.js';
import { refuse } from '../../protocol/encoding/errors.js';
import { sign } from '../../protocol/encoding/signed.js';
import type { Device } from '../device/device.js';
import { type Settled, settleEach } from '../device/each.js';
import { readAll } from '../device/pages.js';

/** A referral of which the service has yet to say that nothing is left with it. */
export interface DueErasure {
  readonly referral: string;
  /** Log and place of each of its statements. */
  readonly leaves: [number, number][];
}

/**
 * What a service does once a day: for each referral whose content the server has erased, `erase` removes
 * whatever the app itself still holds; then the service says so, signed and logged. Answers with the
 * referrals it has spoken of, and those that it could not speak of, each with its reason; `not-erased` where
 * `erase` failed.
 * @throws Problem `not_found` for a service that is not this device's
 * @example
 * const erase = async (gone: string) => save({ [gone]: null }); // what the app itself holds
 * const { done, refused } = await reportErasures(device, service, erase);
 */
export async function reportErasures(
  device: Device,
  service: string,
  erase: (referral: string) => Promise<void>,
): Promise<Settled<string, string>> {
  const due = await dueErasures(device, service);
  const erased = await settleEach(due, async (item) => {
    await erase(item.referral).catch(() => refuse('not-erased'));
    return item;
  });
  const said = await sayTogether(device, service, erased.done);
  return {
    done: said.done.map(({ referral }) => referral),
    refused: [...erased.refused, ...said.refused].map(({ item, check }) => ({ item: item.referral, check })),
  };
}

/** So many referrals go into one statement at most. */
const TOGETHER = 100;

/**
 * Many in one statement, so that the log tells nothing of which belong together; where it is refused, halves
 * of it. What another device has said meanwhile is left to that one.
 */
async function sayTogether(
  device: Device,
  service: string,
  items: readonly DueErasure[],
): Promise<Settled<DueErasure, DueErasure>> {
  const [item] = items;
  if (!item) return { done: [], refused: [] };
  if (items.length > TOGETHER) return sayHalves(device, service, items);
  const { refused } = await settleEach([items], (all) => stateErasure(device, service, all));
  const [refusal] = refused;
  if (!refusal) return { done: items, refused: [] };
  const due = new Set((await dueErasures(device, service)).map(({ referral }) => referral));
  const left = items.filter(({ referral }) => due.has(referral));
  if (left.length < items.length) return sayTogether(device, service, left);
  if (items.length === 1) return { done: [], refused: [{ item, check: refusal.check }] };
  return sayHalves(device, service, items);
}

async function sayHalves(
  device: Device,
  service: string,
  items: readonly DueErasure[],
): Promise<Settled<DueErasure, DueErasure>> {
  const half = Math.ceil(items.length / 2);
  const one = await sayTogether(device, service, items.slice(0, half));
  const other = await sayTogether(device, service, items.slice(half));
  return { done: [...one.done, ...other.done], refused: [...one.refused, ...other.refused] };
}

/**
 * Referrals of a service whose content the server has erased, and of which the service has not yet said that
 * it has too.
 * @throws Problem `not_found` for a service that is not this device's
 * @example
 * const due = await dueErasures(device, service);
 */
export async function dueErasures(device: Device, service: string): Promise<readonly DueErasure[]> {
  return readAll<DueErasure>(device.session, '/v1/erasures', { service });
}

/**
 * Says, signed and logged, that nothing is left of them with the service. The leaves stand in the order of
 * the log: it then tells nothing of which belong together.
 * @throws Refused `key-not-granted`; Problem `wrong_state` where another device was faster
 * @example
 * const due = await dueErasures(device, service);
 * await stateErasure(device, service, due.slice(0, 100)); // their own copies are gone
 */
export async function stateErasure(
  device: Device,
  service: string,
  items: readonly DueErasure[],
): Promise<void> {
  const leaves = items.flatMap((item) => item.leaves).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const said = { log: device.consentLog, kind: 'erasure.done' as const, service, leaves };
  const day = await device.today();
  const { sign: key } = await device.epochOf(service, { day });
  const jws = sign('consent-statement+jws', { ...said, day }, key);
  await device.session.send({
    method: 'POST',
    path: '/v1/erasures',
    idempotencyKey: newId(),
    body: {
      statement: { jws, opening: toBase64url(randomBytes(32)) },
      referrals: items.map(({ referral }) => referral),
    },
  });
}
