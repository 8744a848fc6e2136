import { sha256 } from '#sha256';
import { equalBytes, fromBase64url, idToBytes } from '../encoding/bytes.js';
import type { BoxKey } from '../crypto/keys.js';
import { KIND, parseContext, ROLE, type Context, type Recipient } from '../envelope/envelope.js';
import { refuse } from '../encoding/errors.js';
import { openContent, ownEntry, unwrap } from '../envelope/open-envelope.js';
import { openCarriedOver } from './open-carried-over.js';
import {
  NOWHERE,
  requireDigest,
  requireStanding,
  verifyAgreed,
  type HandoffInput,
  type OpenedHandoff,
} from './open-handoff.js';
import { readInner } from '../envelope/open-inner.js';
import type { OwnChain } from '../consent/own-chain.js';
import type { HandoffReleased } from '../schemas/statements.js';
import { hashText } from '../encoding/signed.js';

/** What was said about a person, as they open it themselves. */
export type OwnHandoff = Omit<OpenedHandoff, 'chain'>;

const decoder = new TextDecoder('latin1');
const ROLES: readonly number[] = [ROLE.receiver, ROLE.sender, ROLE.person];

/**
 * Opens a handoff by the key of the person's code (docs/protocol/receipt.md, *Reading without a registry*):
 * own wrap, digest, commitments and consent record as for the services; of the sender only that the inner
 * signature fits the certificate inside. The server controls every byte but what the consent commits to.
 */
export function openOwnHandoff(
  input: Omit<HandoffInput, 'statements' | 'role' | 'carried'>,
  own: BoxKey,
  chain: OwnChain,
): OwnHandoff {
  return openExportedHandoff({ ...input, role: ROLE.person }, own, chain);
}

/**
 * Opens a handoff that a service has taken along, by its own key and without any registry: as the person's
 * page does. What the registry and the log say of it, `relais verify` tells.
 */
export function openExportedHandoff(
  input: Omit<HandoffInput, 'statements'>,
  own: BoxKey,
  chain: OwnChain,
): OwnHandoff {
  const { carried, role } = input;
  requireStanding(chain);
  const { given, released = refuse('chain') } = chain;
  const context = parseContext(input.ctx);
  requireOwnContext(context, chain, released);
  const at = carried ? NOWHERE : ownEntry(context.recipients, role, own);
  const ctxHash = sha256(input.ctx);
  requireDigest(input, ctxHash, at, { released });
  const cek = carried
    ? openCarriedOver(carried, own, { referral: context.referral, consent: context.consent, role })
    : unwrap(own, ctxHash, context.recipients[at] as Recipient, input.wrap);
  const content = decoder.decode(openContent(KIND.handoff, cek, ctxHash, input.body));
  const services = [given.from].filter((service) => service !== null);
  return verifyAgreed(readInner(content, 'handoff+jws', services).payload, ctxHash, given);
}

/**
 * It is of this referral and consent, to the service that was agreed to, the sender and the person; to nobody
 * else.
 */
function requireOwnContext(
  context: Context,
  { given, givenText }: OwnChain,
  released: HandoffReleased,
): void {
  const { kind, referral, consent, recipients } = context;
  if (kind !== KIND.handoff) refuse('ctx-kind');
  if (!equalBytes(referral, idToBytes(given.referral))) refuse('ctx-referral');
  if (!equalBytes(consent, hashText(givenText))) refuse('ctx-consent');
  const isToThree =
    recipients.length === ROLES.length && ROLES.every((role, i) => recipients[i]?.role === role);
  if (!isToThree) refuse('ctx-recipients');
  const receiver = recipients[0] as Recipient;
  if (!equalBytes(receiver.keyId, fromBase64url(released.toKey))) refuse('ctx-recipients');
}
