import { sha256 } from '#sha256';
import { equalBytes, fromBase64url, idToBytes, toBase64url } from '../encoding/bytes.js';
import type { BoxKey } from '../crypto/keys.js';
import { KIND, parseContext, ROLE, type Recipient } from '../envelope/envelope.js';
import { refuse } from '../encoding/errors.js';
import { openContent, ownEntry, unwrap } from '../envelope/open-envelope.js';
import { nextIn, type Side, type ThreadEntry } from './thread.js';
import { readInner, readPayload, verifyInner, verifyInnerSignature } from '../envelope/open-inner.js';
import type { Registry } from '../registry/registry.js';
import type { Message } from '../schemas/handoff.js';
import type { ConsentGiven } from '../schemas/statements.js';

export interface MessageInput {
  readonly ctx: Uint8Array;
  readonly role: number;
  readonly wrap: Uint8Array;
  readonly body: Uint8Array;
}

export interface MessageContext {
  readonly given: ConsentGiven;
  /** SHA-256 of the text of consent.given. */
  readonly consent: Uint8Array;
  readonly thread: readonly ThreadEntry[];
  /** Absent where the reader follows none: on the person's page. */
  readonly registry?: Registry | undefined;
}

export interface OpenedMessage extends ThreadEntry {
  readonly side: Side;
  readonly message: Message;
}

const decoder = new TextDecoder('latin1');

/**
 * Opens a message: as a handoff, but that nothing signs its digest. Nothing can be replayed, reordered or
 * left out.
 */
export function openMessage(input: MessageInput, own: BoxKey, context: MessageContext): OpenedMessage {
  const { kind, referral, consent, recipients } = parseContext(input.ctx);
  if (kind !== KIND.message) refuse('ctx-kind');
  if (!equalBytes(referral, idToBytes(context.given.referral))) refuse('ctx-referral');
  if (!equalBytes(consent, context.consent)) refuse('ctx-consent');
  requireRecipients(recipients, context.given);
  const recipient = recipients[ownEntry(recipients, input.role, own)] as Recipient;
  const ctxHash = sha256(input.ctx);
  const cek = unwrap(own, ctxHash, recipient, input.wrap);
  const content = decoder.decode(openContent(kind, cek, ctxHash, input.body));
  return { ...readMessage(content, ctxHash, context), bodyHash: sha256(input.body) };
}

/** Each of the parties, once, and nobody else: whoever writes about a person writes to them. */
function requireRecipients(recipients: readonly Recipient[], { from, personBox }: ConsentGiven): void {
  const roles: readonly number[] =
    from === null ? [ROLE.receiver, ROLE.person] : [ROLE.receiver, ROLE.sender, ROLE.person];
  const isComplete =
    recipients.length === roles.length && roles.every((role, i) => recipients[i]?.role === role);
  if (!isComplete) refuse('ctx-recipients');
  const person = recipients.at(-1) as Recipient;
  if (toBase64url(person.keyId) !== personBox) refuse('ctx-recipients');
}

/** The signed message inside, once decrypted. */
export function readMessage(
  content: string,
  ctxHash: Uint8Array,
  context: MessageContext,
): { message: Message; side: Side } {
  const { message, side } = verifyAuthor(content, context);
  if (message.ctx !== toBase64url(ctxHash)) refuse('ctx-claim');
  const { thread } = context;
  const { number, previous } = nextIn(thread, side);
  if (message.number !== number) refuse('message-number');
  if (message.previous !== previous) refuse('message-previous');
  return { message, side };
}

/** A device of either service with its certificate, or the person with the key of their code and none. */
function verifyAuthor(
  content: string,
  { given, registry }: MessageContext,
): { message: Message; side: Side } {
  const claimed = readPayload(content) as { certificate?: unknown; day?: unknown } | null;
  if (claimed?.certificate === undefined) {
    return {
      message: verifyInnerSignature(content, 'message+jws', fromBase64url(given.person)),
      side: 'person',
    };
  }
  const services = [given.from, given.to].filter((service) => service !== null);
  const inner = registry
    ? verifyInner(content, 'message+jws', { services, day: String(claimed.day) }, registry)
    : readInner(content, 'message+jws', services);
  return {
    message: inner.payload,
    side: inner.services.some((service) => service === given.from) ? 'source' : 'target',
  };
}
