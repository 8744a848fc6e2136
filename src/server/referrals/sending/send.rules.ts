import { sha256 } from '../../../protocol/crypto/sha256.js';
import { agreementFor } from '../../../protocol/registry/agreements.js';
import { equalBytes, fromBase64url, idToBytes, toBase64url } from '../../../protocol/encoding/bytes.js';
import type { Charter } from '../../../protocol/registry/charter.js';
import { DAYS_BACK, addDays } from '../../../protocol/encoding/days.js';
import { boxKeyId, requireGoodKey } from '../../../protocol/crypto/keys.js';
import {
  digestOf,
  isBucketLength,
  KIND,
  parseContext,
  ROLE,
  sameRecipients,
} from '../../../protocol/envelope/envelope.js';
import { Refused } from '../../../protocol/encoding/errors.js';
import type { RegisteredServiceKey, Registry } from '../../../protocol/registry/registry.js';
import { currentEpoch, epochsOf } from '../../../protocol/registry/registry-keys.js';
import type { HandoffReleased } from '../../../protocol/schemas/statements.js';
import { hashText, readUnverified } from '../../../protocol/encoding/signed.js';
import { verifyChain, type Chain } from '../../../protocol/consent/statements.js';
import { DomainError, placeOf, statementInvalid } from '../../common/errors/index.js';
import type { Context } from '../common/context.js';
import type { SendDto } from './send.dto.js';

/** A service whose coordinators are late stays reachable by its last epoch for so many days. */
const LATE_EPOCH_DAYS = 90;

/** What a send is held to. */
export interface SendContext extends Context {
  readonly log: string;
}

export interface VerifiedSend {
  readonly chain: Chain;
  readonly source: string;
  readonly target: string;
  /** Thumbprints of the sending service's keys: of the consent, and of the release where it is another. */
  readonly signers: readonly string[];
  readonly ctx: Uint8Array;
  readonly body: Uint8Array;
  readonly wraps: readonly { readonly wrap: Uint8Array; readonly role: number }[];
}

/**
 * Everything about a send that can be judged without its rows: statements, consent, keys, envelope. The
 * server sees no content; it sees that what is sealed is what the consent's statements say, to the byte.
 */
export function verifySend(send: SendDto, context: SendContext): VerifiedSend {
  const chain = verifyStatements(send, context);
  const { given, released } = chain;
  if (given.from === null || !released) throw statementInvalid(chain.givenText, '/from');
  requireTimes(chain, context);
  requireVoted(chain, context.charter);
  requireReach(chain, send.kind, context);
  const { sender, signers } = requireSender(given.from, send, context, released.day);
  requireReceiver(given.to, released, context);
  const envelope = verifyEnvelope(send, chain, sender);
  return { chain, source: given.from, target: given.to, signers, ...envelope };
}

function verifyStatements({ referral, statements }: SendDto, { log, registry }: SendContext): Chain {
  const chain = chainOf(
    log,
    statements.map(({ jws }) => jws),
    registry,
  );
  if (chain.state !== 'released') throw new DomainError('statement_invalid', { pointer: '/statements' });
  if (chain.given.referral !== referral) throw statementInvalid(chain.givenText, '/referral');
  return chain;
}

/** Statements whose signature or order does not hold are the sender's fault, and say no more than that. */
export function chainOf(log: string, texts: readonly string[], registry: Registry): Chain {
  try {
    return verifyChain(log, texts, registry);
  } catch (error) {
    if (error instanceof Refused) throw new DomainError('statement_invalid', placeOf(error));
    throw error;
  }
}

function requireTimes({ given, givenText, head, lastDay }: Chain, { today, charter }: SendContext): void {
  const { sendUntilDays, keepUntilDays } = charter.limits;
  if (given.day > today || given.day < addDays(today, -sendUntilDays.max))
    throw statementInvalid(givenText, '/day');
  if (lastDay > today || lastDay < addDays(today, -DAYS_BACK)) throw statementInvalid(head, '/day');
  if (given.sendUntil < today) throw new DomainError('consent_inactive');
  if (given.sendUntil > addDays(given.day, sendUntilDays.max)) throw new DomainError('consent_mismatch');
  if (given.keepUntil > addDays(given.day, keepUntilDays.max)) throw new DomainError('consent_mismatch');
}

function requireVoted({ given }: Chain, { purposes, notices }: Charter): void {
  if (!purposes.includes(given.purpose) || !Object.hasOwn(notices, given.notice)) {
    throw new DomainError('consent_mismatch');
  }
}

/**
 * Where the charter says so, only along an agreement for exactly these services, this purpose and this kind.
 */
function requireReach({ given }: Chain, kind: SendDto['kind'], context: SendContext): void {
  const { charter, registry, today } = context;
  if (charter.reach === 'network') return;
  const passage = { from: given.from ?? '', to: given.to, purpose: given.purpose, kind };
  if (!agreementFor(registry.agreements.values(), passage, today))
    throw new DomainError('agreement_required');
}

/**
 * The release is signed by the sending service's key of its day. The consent may be older: given at the end
 * of a month, it is signed by an epoch that has ended, though not by one that was revoked.
 */
function requireSender(
  from: string,
  { statements }: SendDto,
  { registry }: SendContext,
  day: string,
): { sender: RegisteredServiceKey; signers: string[] } {
  const sender = currentEpoch(registry, from, day);
  const [givenBy = '', releasedBy] = statements.map(({ jws }) => readUnverified(jws).header.kid);
  if (!sender || releasedBy !== sender.kid) throw new DomainError('key_not_current');
  const first = registry.serviceKeys.get(givenBy);
  if (!first || first.revokedAt !== undefined || first.from > day) throw new DomainError('key_not_current');
  return { sender, signers: [...new Set([givenBy, sender.kid])] };
}

/**
 * The receiver's key of today, or of the day of sealing: what was sealed to a key that nobody has revoked
 * since is not sealed anew because the month has turned on its way. Where the receiver's coordinators are
 * late, the last one that it had.
 */
function requireReceiver(
  to: string,
  { toKey, day }: HandoffReleased,
  { registry, today }: SendContext,
): void {
  const late = epochsOf(registry, to)
    .filter((epoch) => epoch.revokedAt === undefined && epoch.until < today)
    .filter((epoch) => today <= addDays(epoch.until, LATE_EPOCH_DAYS));
  const usable = [currentEpoch(registry, to, today) ?? late.at(-1), currentEpoch(registry, to, day)];
  if (!usable.some((epoch) => epoch?.boxId === toKey)) throw new DomainError('key_not_current');
}

/** The envelope is for exactly these recipients, this consent, and is the one that the release has signed. */
function verifyEnvelope(send: SendDto, { given, givenText, released }: Chain, sender: RegisteredServiceKey) {
  const ctx = fromBase64url(send.ctx);
  const body = fromBase64url(send.body);
  const wraps = send.wraps.map(fromBase64url);
  const { kind, referral, consent, recipients } = parseContext(ctx);
  requireGoodKey(fromBase64url(send.person.read));
  const isOfConsent = kind === KIND.handoff && equalBytes(consent, hashText(givenText));
  if (!isOfConsent || !equalBytes(referral, idToBytes(given.referral)))
    throw new DomainError('consent_mismatch');
  const expected = [
    { role: ROLE.receiver, keyId: fromBase64url(released?.toKey ?? '') },
    { role: ROLE.sender, keyId: fromBase64url(sender.boxId) },
    { role: ROLE.person, keyId: fromBase64url(given.personBox) },
  ];
  if (!sameRecipients(recipients, expected) || wraps.length !== recipients.length)
    throw new DomainError('consent_mismatch');
  if (toBase64url(boxKeyId(fromBase64url(send.person.box))) !== given.personBox)
    throw new DomainError('consent_mismatch');
  const digest = toBase64url(digestOf(sha256(ctx), body, wraps.map(sha256)));
  if (!isBucketLength(body.length) || digest !== released?.digest) throw new DomainError('consent_mismatch');
  return { ctx, body, wraps: wraps.map((wrap, i) => ({ wrap, role: recipients[i]?.role ?? 0 })) };
}
