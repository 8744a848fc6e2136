import { utf8 } from '../encoding/bytes.js';
import { KIND, ROLE } from './envelope.js';
import { canonicalText, strictText } from '../encoding/json.js';
import type { SampleAnswer } from '../schemas/sample.js';
import { sealEnvelope, type SealedEnvelope } from './seal-envelope.js';

/**
 * Seals a holder's answer to a sample to one auditor's device. Its context names no case: there are zeros.
 */
export function sealAuditAnswer(answer: SampleAnswer, auditor: Uint8Array): SealedEnvelope {
  return sealEnvelope({
    kind: KIND.auditAnswer,
    referral: new Uint8Array(16),
    consent: new Uint8Array(32),
    recipients: [{ role: ROLE.auditor, publicKey: auditor }],
    content: () => utf8(strictText(answer, canonicalText)),
  });
}
