import { sha256 } from '#sha256';
import { equalBytes } from '../encoding/bytes.js';
import type { BoxKey } from '../crypto/keys.js';
import { KIND, parseContext, type Recipient } from '../envelope/envelope.js';
import { refuse } from '../encoding/errors.js';
import { openContent, ownEntry, unwrap } from '../envelope/open-envelope.js';

/** An envelope of kind 06, as the server keeps it for one of the two services. */
export interface CarriedOver {
  readonly ctx: Uint8Array;
  readonly wrap: Uint8Array;
  readonly body: Uint8Array;
}

/** What the envelope must be of: the handoff's own referral, consent and role. */
interface CarriedOf {
  readonly referral: Uint8Array;
  readonly consent: Uint8Array;
  readonly role: number;
}

/**
 * The handoff's content key, carried over by the service to a later epoch of its own. Nothing signs it, and
 * nothing has to: whatever key comes out must open the very body that the release signed, which commits to
 * its key.
 */
export function openCarriedOver({ ctx, wrap, body }: CarriedOver, own: BoxKey, of: CarriedOf): Uint8Array {
  const { kind, referral, consent, recipients } = parseContext(ctx);
  if (kind !== KIND.carriedOver) refuse('ctx-kind');
  if (!equalBytes(referral, of.referral)) refuse('ctx-referral');
  if (!equalBytes(consent, of.consent)) refuse('ctx-consent');
  if (recipients.length !== 1) refuse('ctx-recipients');
  const recipient = recipients[ownEntry(recipients, of.role, own)] as Recipient;
  const ctxHash = sha256(ctx);
  const cek = openContent(kind, unwrap(own, ctxHash, recipient, wrap), ctxHash, body);
  return cek.length === 32 ? cek : refuse('carried-key');
}
