import type { BoxKey } from '../crypto/keys.js';
import { KIND, parseContext, type Role } from '../envelope/envelope.js';
import { openContent } from '../envelope/open-envelope.js';
import { verifyHandoffKey, type HandoffInput, type OpenerTrust } from './open-handoff.js';
import { sealEnvelope, type SealedEnvelope } from '../envelope/seal-envelope.js';

/** The service's epoch that opens now, and the X-Wing public key of the later one. */
export interface Epochs {
  readonly own: BoxKey;
  readonly later: Uint8Array;
}

/**
 * Carries a handoff over to a later epoch of the same service: a new envelope of kind 06 around the content
 * key, for that epoch alone. The handoff is checked and its body opened first: what does not open is not
 * carried on.
 */
export function carryOver(input: HandoffInput, { own, later }: Epochs, trust: OpenerTrust): SealedEnvelope {
  const { cek, ctxHash } = verifyHandoffKey(input, own, trust);
  openContent(KIND.handoff, cek, ctxHash, input.body);
  const { referral, consent } = parseContext(input.ctx);
  return sealEnvelope({
    kind: KIND.carriedOver,
    referral,
    consent,
    recipients: [{ role: input.role as Role, publicKey: later }],
    content: () => cek,
  });
}
