import { sha256 } from '#sha256';
import type { BoxKey } from '../crypto/keys.js';
import { KIND, parseContext, ROLE, type Recipient } from './envelope.js';
import { refuse } from '../encoding/errors.js';
import { openContent, ownEntry, unwrap } from './open-envelope.js';

/** What a person said, for an observer. Anybody may have sealed it: it is a voice, and proves nothing. */
export function openFeedback(
  { ctx, wrap, body }: { readonly ctx: Uint8Array; readonly wrap: Uint8Array; readonly body: Uint8Array },
  own: BoxKey,
): string {
  const { kind, recipients } = parseContext(ctx);
  if (kind !== KIND.feedback) refuse('ctx-kind');
  const recipient = recipients[ownEntry(recipients, ROLE.auditor, own)] as Recipient;
  const ctxHash = sha256(ctx);
  const content = openContent(kind, unwrap(own, ctxHash, recipient, wrap), ctxHash, body);
  return new TextDecoder().decode(content);
}
