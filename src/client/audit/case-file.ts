import { fetchFinalProofs, fetchProofs, type ProvenStatement } from '../referral/proofs.js';
import { openReferral } from '../referral/open.js';
import type { Device } from '../device/device.js';
import type { CaseSecrets } from '../referral/seal.js';

/** One opened case, as its holder hands it to an auditor: `cases/‹n›.json` of `relais verify`. */
export interface CaseFile extends CaseSecrets {
  readonly statements: readonly ProvenStatement[];
}

/**
 * Writes, with final proofs where there are some, the case file of a referral that this device's service
 * holds. Only a holder can: the openings are in the proofs that the server gives to the two services, the
 * texts and salts lie inside the envelope.
 * @throws Refused, with whichever check of opening failed; Problem `not_found`
 * @example
 * const draft = { from: service, to: target, consent, record, priority: 'routine' } as const;
 * const { sealed } = await sealReferral(device, draft); // `sealed.caseFile` is kept by the sender
 * const file = await exportCase(device, sealed.referral, sealed.caseFile);
 */
export async function exportCase(device: Device, referral: string, secrets?: CaseSecrets): Promise<CaseFile> {
  const statements = (await fetchFinalProofs(device, referral)) ?? (await fetchProofs(device, referral));
  const { consentRecord, fields, salts } = secrets ?? (await openReferral(device, referral)).secrets;
  return { statements, consentRecord, fields, salts };
}
