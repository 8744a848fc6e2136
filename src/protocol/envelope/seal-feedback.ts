import { utf8 } from '../encoding/bytes.js';
import { KIND, ROLE } from './envelope.js';
import { refuse } from '../encoding/errors.js';
import { requirePlainText } from '../encoding/plain-text.js';
import { Message } from '../schemas/handoff.js';
import { sealEnvelope, type SealedEnvelope } from './seal-envelope.js';

/** UTF-16 code units of a person's own words on how it went. */
export const FEEDBACK_LENGTH = 2000;

/**
 * Seals what a person says to the network's observers alone. It names no case: where an envelope names one,
 * this has zeros.
 */
export function sealFeedback(text: string, observers: readonly Uint8Array[]): SealedEnvelope {
  if (text.length === 0 || text.length > FEEDBACK_LENGTH) refuse('too-large');
  requirePlainText(Message.properties.text, text, '/text');
  return sealEnvelope({
    kind: KIND.feedback,
    referral: new Uint8Array(16),
    consent: new Uint8Array(32),
    recipients: observers.map((publicKey) => ({ role: ROLE.auditor, publicKey })),
    content: () => utf8(text),
  });
}
