import { sha256 } from '#sha256';
import { check } from '../encoding/check.js';
import type { BoxKey } from '../crypto/keys.js';
import { KIND, parseContext, ROLE, type Recipient } from './envelope.js';
import { refuse } from '../encoding/errors.js';
import { parseStrict } from '../encoding/json.js';
import { openContent, ownEntry, unwrap } from './open-envelope.js';
import { SampleAnswer } from '../schemas/sample.js';

/** A holder's answer, for the auditor who asked. Whatever it says is judged by the audit, leaf by leaf. */
export function openAuditAnswer(
  { ctx, wrap, body }: { readonly ctx: Uint8Array; readonly wrap: Uint8Array; readonly body: Uint8Array },
  own: BoxKey,
): SampleAnswer {
  const { kind, recipients } = parseContext(ctx);
  if (kind !== KIND.auditAnswer) refuse('ctx-kind');
  const recipient = recipients[ownEntry(recipients, ROLE.auditor, own)] as Recipient;
  const ctxHash = sha256(ctx);
  const answer = parseStrict(openContent(kind, unwrap(own, ctxHash, recipient, wrap), ctxHash, body));
  return check(SampleAnswer, answer) ? answer : refuse('schema');
}
