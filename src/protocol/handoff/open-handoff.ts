import { sha256 } from '#sha256';
import { equalBytes, fromBase64url, idToBytes, toBase64url } from '../encoding/bytes.js';
import type { Charter } from '../registry/charter.js';
import { parseFields, requireVotedNotice, verifyConsentRecord } from '../consent/consent-record.js';
import type { BoxKey } from '../crypto/keys.js';
import {
  commitTo,
  digestOf,
  KIND,
  parseContext,
  ROLE,
  sameRecipients,
  WRAP_LENGTH,
  type Context,
  type Recipient,
} from '../envelope/envelope.js';
import { refuse } from '../encoding/errors.js';
import { provisional, type Policy } from '../log/policy.js';
import { verifyStatementProof } from '../log/proof.js';
import { openCarriedOver, type CarriedOver } from './open-carried-over.js';
import { openContent, ownEntry, unwrap } from '../envelope/open-envelope.js';
import { verifyInner } from '../envelope/open-inner.js';
import type { RegisteredServiceKey, Registry } from '../registry/registry.js';
import { wasInForce } from '../registry/registry-keys.js';
import type { ConsentRecord } from '../schemas/consent-record.js';
import type { Handoff } from '../schemas/handoff.js';
import type { ConsentGiven, HandoffReleased } from '../schemas/statements.js';
import { hashText } from '../encoding/signed.js';
import { verifyChain, type Chain } from '../consent/statements.js';

/** In chain order: given and released with their proofs, then what came later. */
export type StatedWithProofs = readonly { readonly jws: string; readonly proof?: string | undefined }[];

export interface HandoffInput {
  readonly statements: StatedWithProofs;
  readonly ctx: Uint8Array;
  readonly role: number;
  readonly wrap: Uint8Array;
  readonly wrapHashes: readonly Uint8Array[];
  readonly body: Uint8Array;
  /** Where the service has carried the content key over to a later epoch; the wrap is then gone and empty. */
  readonly carried?: CarriedOver | undefined;
}

/** What the opener believes: its own followed registry, and the log keys that it was given. */
export interface OpenerTrust {
  /** The yearless name of the consent log. */
  readonly log: string;
  readonly registry: Registry;
  readonly policy: Policy;
}

/** And which wordings the network has voted: a consent to any other is none. */
export interface HandoffTrust extends OpenerTrust {
  readonly charter: Pick<Charter, 'notices'>;
}

export interface OpenedHandoff {
  readonly record: Readonly<Record<string, unknown>>;
  readonly fields: readonly string[];
  readonly consentRecord: ConsentRecord;
  /** The committed texts and their salts: what a case file needs. */
  readonly secrets: Pick<Handoff, 'consentRecord' | 'fields' | 'salts'>;
  readonly chain: Chain;
}

const decoder = new TextDecoder('latin1');
/** A wrap that was carried over is not there to be hashed: the digest takes its hash as it was left. */
export const NOWHERE = -1;

/**
 * Opens a handoff in the order of docs/protocol/handoff.md, *Opening*; nothing is shown before the last check
 * has passed. Sender and server control every byte of the input.
 */
export function openHandoff(input: HandoffInput, own: BoxKey, trust: HandoffTrust): OpenedHandoff {
  const { chain, ctxHash, cek } = verifyHandoffKey(input, own, trust);
  const content = decoder.decode(openContent(KIND.handoff, cek, ctxHash, input.body));
  const opened = verifyContent(content, ctxHash, chain, trust.registry);
  requireVotedNotice(opened.consentRecord, trust.charter);
  return opened;
}

export interface HandoffKey {
  readonly chain: ReleasedChain;
  readonly ctxHash: Uint8Array;
  /** 32 bytes. */
  readonly cek: Uint8Array;
}

/**
 * The content key of a handoff whose statements, context and digest hold; of the content nothing is known
 * yet.
 */
export function verifyHandoffKey(input: HandoffInput, own: BoxKey, trust: OpenerTrust): HandoffKey {
  const chain = verifyReleased(input.statements, trust);
  requireStanding(chain);
  const context = parseContext(input.ctx);
  requireContext(context, chain);
  const { carried, role } = input;
  const at = carried ? NOWHERE : ownEntry(context.recipients, role, own);
  const ctxHash = sha256(input.ctx);
  requireDigest(input, ctxHash, at, chain);
  const cek = carried
    ? openCarriedOver(carried, own, { referral: context.referral, consent: context.consent, role })
    : unwrap(own, ctxHash, context.recipients[at] as Recipient, input.wrap);
  return { chain, ctxHash, cek };
}

/** The chain of a consent that was given to a service and has been released. */
export type ReleasedChain = Chain & {
  readonly released: HandoffReleased;
  readonly sender: RegisteredServiceKey;
};

/**
 * The first half of opening, which whoever acknowledges or withdraws needs as well: signatures, chain, and
 * that the log holds the consent and its release.
 */
export function verifyReleased(statements: StatedWithProofs, trust: OpenerTrust): ReleasedChain {
  const { log, registry, policy } = trust;
  const texts = statements.map(({ jws }) => jws);
  const chain = verifyChain(log, texts, registry);
  const { released = refuse('chain'), sender = refuse('self-referral') } = chain;
  for (const { jws, proof } of statements.slice(0, 2))
    verifyStatementProof(log, jws, proof ?? '', provisional(policy));
  return { ...chain, released, sender };
}

/** Nobody opens, or says to have received, what was taken back. */
export function requireStanding({ state }: Pick<Chain, 'state'>): void {
  if (state === 'withdrawn' || state === 'invalidated') refuse('withdrawn');
}

/** The context says of referral, consent and recipients exactly what the statements and the registry say. */
function requireContext(context: Context, chain: ReleasedChain): void {
  const { given, givenText, released, sender } = chain;
  if (context.kind !== KIND.handoff) refuse('ctx-kind');
  if (!equalBytes(context.referral, idToBytes(given.referral))) refuse('ctx-referral');
  if (!equalBytes(context.consent, hashText(givenText))) refuse('ctx-consent');
  if (!wasInForce(sender, released.day)) refuse('ctx-recipients');
  const expected = [
    { role: ROLE.receiver, keyId: fromBase64url(released.toKey) },
    { role: ROLE.sender, keyId: fromBase64url(sender.boxId) },
    { role: ROLE.person, keyId: fromBase64url(given.personBox) },
  ];
  if (!sameRecipients(context.recipients, expected)) refuse('ctx-recipients');
}

export function requireDigest(
  input: Omit<HandoffInput, 'statements' | 'role'>,
  ctxHash: Uint8Array,
  at: number,
  { released }: Pick<ReleasedChain, 'released'>,
): void {
  const { wrap, body, ctx, carried } = input;
  const entries = parseContext(ctx).recipients.length;
  if (wrap.length !== (carried ? 0 : WRAP_LENGTH) || input.wrapHashes.length !== entries) refuse('digest');
  const wrapHashes = input.wrapHashes.map((hash, i) => (i === at ? sha256(wrap) : hash));
  if (toBase64url(digestOf(ctxHash, body, wrapHashes)) !== released.digest) refuse('digest');
}

function verifyContent(
  content: string,
  ctxHash: Uint8Array,
  chain: ReleasedChain,
  registry: Registry,
): OpenedHandoff {
  const { given, released, sender } = chain;
  const entitled = { services: [sender.service.id], day: released.day };
  const { payload } = verifyInner(content, 'handoff+jws', entitled, registry);
  return { ...verifyAgreed(payload, ctxHash, given), chain };
}

/**
 * What the signed object inside says is what was agreed to: this context, the committed texts, and no field
 * beyond them.
 */
export function verifyAgreed(
  { ctx, consentRecord, fields, salts, record }: Handoff,
  ctxHash: Uint8Array,
  given: ConsentGiven,
): Omit<OpenedHandoff, 'chain'> {
  if (ctx !== toBase64url(ctxHash)) refuse('ctx-claim');
  requireCommitment('fields', salts.fields, fields, given.fields);
  requireCommitment('consent-record', salts.consentRecord, consentRecord, given.consentRecord);
  const names = parseFields(fields);
  const consent = verifyConsentRecord(consentRecord, names, given);
  if (Object.keys(record).some((name) => !names.includes(name))) refuse('record-members');
  return { record, fields: names, consentRecord: consent, secrets: { consentRecord, fields, salts } };
}

/** The text inside the envelope is the one that was committed to, to the byte. */
export function requireCommitment(
  what: 'fields' | 'consent-record',
  salt: string,
  text: string,
  signed: string,
): void {
  if (toBase64url(commitTo(what, fromBase64url(salt), text)) !== signed) refuse(`${what}-commitment`);
}
