import { newId, randomBytes, toBase64url } from '../protocol/bytes.js';
import { carryOver } from '../protocol/carry-over.js';
import { deriveReceipt, requireCode } from '../protocol/codes.js';
import { equalBytes } from '../protocol/bytes.js';
import { requireStanding } from '../protocol/open-handoff.js';
import { sign } from '../protocol/signed.js';
import type { Device } from './device.js';
import {
  fetchHandoff,
  nextStatement,
  signNext,
  transition,
  verifyReferral,
  type Referral,
} from './referrals.js';

/**
 * A later last day for the content, agreed with the person who is there; with the code of their paper it is the person who
 * signs. The charter bounds it, from today; what is past cannot be renewed.
 */
export async function renewConsent(
  device: Device,
  referral: string,
  { keepUntil, receiptCode }: { readonly keepUntil: string; readonly receiptCode?: string },
): Promise<Referral> {
  const { chain } = await verifyReferral(device, referral);
  requireStanding(chain);
  const added = { kind: 'consent.renewed', keepUntil } as const;
  const statement =
    receiptCode === undefined
      ? await nextStatement(device, chain.sender.service.id, chain, added)
      : await signNext(device, chain, added, (await deriveReceipt(requireCode(receiptCode))).sign);
  return transition(device, referral, { event: 'renew-consent', statements: [statement] });
}

/**
 * Carries the content key over to the service's present epoch, so that the older seed can be destroyed and the case stays
 * readable. False where the handoff is sealed to the present epoch already.
 */
export async function carryToPresentEpoch(device: Device, referral: string): Promise<boolean> {
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

export interface DueErasure {
  readonly referral: string;
  /** Log and place of each of its statements. */
  readonly leaves: [number, number][];
}

/**
 * What a service does once a day: for each referral whose content the server has erased, `erase` removes whatever the app
 * itself still holds; then the service says so, signed and logged. Answers with the referrals it has spoken of.
 */
export async function reportErasures(
  device: Device,
  service: string,
  erase: (referral: string) => Promise<void>,
): Promise<string[]> {
  const erased: string[] = [];
  for (;;) {
    const items = await dueErasures(device, service);
    if (items.length === 0) return erased;
    for (const { referral } of items) await erase(referral);
    await sayErased(device, service, items);
    erased.push(...items.map(({ referral }) => referral));
  }
}

/** Referrals of a service whose content the server has erased, and of which the service has not yet said that it has too. */
export async function dueErasures(device: Device, service: string): Promise<readonly DueErasure[]> {
  const { items } = await device.session.json<{ items: DueErasure[] }>({
    method: 'GET',
    path: '/v1/erasures',
    query: { service },
  });
  return items;
}

/**
 * Says, signed and logged, that nothing is left of them with the service. The leaves stand in the order of the log: it then
 * tells nothing of which belong together.
 */
export async function sayErased(
  device: Device,
  service: string,
  items: readonly DueErasure[],
): Promise<void> {
  const leaves = items.flatMap((item) => item.leaves).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const said = { log: device.consentLog, kind: 'erasure.done' as const, service, leaves };
  const day = await device.today();
  const { sign: key } = await device.epochOf(service, day);
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
