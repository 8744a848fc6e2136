import {
  findService,
  recordConsent,
  sealReferral,
  sendReferral,
  type SealResult,
  type ReferralDraft,
} from '../../client/index.js';
import type { HandoffRecord } from '../../protocol/schemas/handoff-record.js';
import type { DemoNetwork } from './network.js';

export interface SentReferral extends SealResult {
  readonly referral: string;
  readonly consent: ReturnType<typeof recordConsent>;
}

/** Finds the service, records the person's decision, seals, sends. */
export async function referSomebody(
  { laRuelle, clinique }: DemoNetwork,
  record: HandoffRecord,
  kind?: ReferralDraft['kind'],
): Promise<SentReferral> {
  const { worker, service } = laRuelle;
  const to = await findService(worker, clinique.service);
  const consent = recordConsent(await worker.charter(), await worker.today(), {
    purpose: 'health-care',
    fields: Object.keys(record),
    language: 'fr',
    modality: 'spoken-via-interpreter',
    interpreter: 'interpreter-service-04',
    representation: 'none',
    alternativesOffered: ['come-back-later'],
    teachBack: true,
  });
  const made = await sealReferral(worker, {
    from: service,
    to,
    consent,
    record,
    priority: 'routine',
    ...(kind && { kind }),
  });
  await sendReferral(worker, made.sealed);
  return { ...made, referral: made.sealed.referral, consent };
}
