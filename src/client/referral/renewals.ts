import { deriveReceipt, requireCode } from '../../protocol/encoding/codes.js';
import { requireStanding } from '../../protocol/handoff/open-handoff.js';
import type { Device } from '../device/device.js';
import { nextStatement, signNext, transition } from './acts.js';
import type { Referral } from './list.js';
import { verifyReferral } from './proofs.js';

/**
 * A later last day for the content, agreed with the person who is there; with the code of their paper it is
 * the person who signs. The charter bounds it, from today; what is past cannot be renewed.
 * @throws Refused `withdrawn`; `code` for what is no code
 * @throws Problem `consent_mismatch` for a day beyond the charter's, `consent_inactive`
 * @example
 * await renewConsent(device, referral, { keepUntil: '2030-06-30', receiptCode: code });
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
