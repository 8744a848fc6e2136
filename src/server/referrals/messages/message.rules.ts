import { fromBase64url, idToBytes, equalBytes, toBase64url } from '../../../protocol/encoding/bytes.js';
import { isBucketLength, KIND, parseContext, ROLE } from '../../../protocol/envelope/envelope.js';
import type { Registry } from '../../../protocol/registry/registry.js';
import { DomainError } from '../../common/errors/index.js';
import type { Context } from '../common/context.js';
import type { MessageDto } from './messages.dto.js';

/** What a message says of its place, to be compared with the referral's own row. */
export interface VerifiedMessage {
  /** SHA-256 of the text of consent.given. */
  readonly consent: Uint8Array;
  readonly target: string;
  readonly source: string;
  /** Key id of the person's box. */
  readonly personBox: Uint8Array;
  readonly ctx: Uint8Array;
  readonly wraps: readonly Uint8Array[];
  readonly body: Uint8Array;
}

const ROLES: readonly number[] = [ROLE.receiver, ROLE.sender, ROLE.person];

/**
 * Everything about a message that can be judged without its rows: a sealed body of one of the four lengths,
 * of this referral, to receiver, sender and person alone, under keys of the two services that nobody has
 * revoked.
 */
export function verifyMessage(
  referral: string,
  message: MessageDto,
  { registry, today }: Context,
): VerifiedMessage {
  const [ctx, body] = [fromBase64url(message.ctx), fromBase64url(message.body)];
  const context = parseContext(ctx);
  const isOfReferral = context.kind === KIND.message && equalBytes(context.referral, idToBytes(referral));
  const [receiver, sender, person] = context.recipients;
  const isToAll = ROLES.every((role, i) => context.recipients[i]?.role === role);
  if (!isOfReferral || !isToAll || !receiver || !sender || !person || !isBucketLength(body.length))
    throw new DomainError('consent_mismatch');
  return {
    consent: context.consent,
    target: serviceOf(registry, receiver.keyId, today),
    source: serviceOf(registry, sender.keyId, today),
    personBox: person.keyId,
    ctx,
    wraps: message.wraps.map(fromBase64url),
    body,
  };
}

/**
 * The service whose epoch this is: any that has begun and was not revoked, so that a person can keep to those
 * of the handoff.
 */
function serviceOf({ serviceKeys }: Registry, keyId: Uint8Array, today: string): string {
  const id = toBase64url(keyId);
  const shown = [...serviceKeys.values()].find(({ boxId }) => boxId === id);
  if (!shown || shown.revokedAt !== undefined || shown.from > today) throw new DomainError('key_not_current');
  return shown.service.id;
}
