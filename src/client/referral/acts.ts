import type { SigningKey } from '../../protocol/crypto/keys.js';
import { toBase64url, randomBytes, newId } from '../../protocol/encoding/bytes.js';
import { refuse } from '../../protocol/encoding/errors.js';
import { hashText, sign } from '../../protocol/encoding/signed.js';
import { requireStanding, type ReleasedChain } from '../../protocol/handoff/open-handoff.js';
import { latestEpoch, currentEpoch } from '../../protocol/registry/registry-keys.js';
import type { ConsentInvalidated } from '../../protocol/schemas/statements.js';
import { laterDay } from '../device/days.js';
import type { Device } from '../device/device.js';
import type { Referral } from './list.js';
import { verifyReferral } from './proofs.js';
import type { SealedReferral } from './seal.js';

/** A step of the state machine that needs no signature, with the codes that go with it. */
export interface Act {
  readonly event:
    | ('accept' | 'decline' | 'start' | 'hold' | 'complete' | 'fail' | 'return' | 'recall' | 'release')
    | ('request-info' | 'provide-info' | 'extend-deadline' | 'reminder' | 'business-status');
  readonly statusReason?: string;
  readonly outcome?: string;
  readonly reviewOn?: string;
  /** With `redirect-proposed`: up to three services. */
  readonly redirectTo?: readonly string[];
  readonly businessStatus?: string;
}

/**
 * Sends what was sealed, its files having been uploaded: one request, one transaction on the server. Safe to
 * repeat with the same sealed referral.
 * @throws Problem `service_closed`, `agreement_required`, `consent_used`, `quota_reached`;
 * `key_not_current`, `consent_inactive` where too much time has passed: seal anew
 * @example
 * const draft = { from: service, to: target, consent, record, priority: 'routine' } as const;
 * const { sealed } = await sealReferral(device, draft);
 * const { referral, status } = await sendReferral(device, sealed);
 */
export async function sendReferral(
  device: Device,
  { body, idempotencyKey }: SealedReferral,
): Promise<Referral> {
  return device.session.json({ method: 'POST', path: '/v1/referrals', idempotencyKey, body });
}

/**
 * Says, signed by the receiving service and logged, that the handoff is now disclosed to it.
 * @throws Refused `referral` on a device of another service, `withdrawn`
 * @throws Problem `wrong_state`, `chain_moved`, `consent_inactive`
 * @example
 * await acknowledge(device, referral);
 * show(await openReferral(device, referral));
 */
export async function acknowledge(device: Device, referral: string): Promise<Referral> {
  const { chain } = await verifyReferral(device, referral);
  requireStanding(chain);
  if (!device.serves(chain.given.to)) refuse('referral');
  const statement = await nextStatement(device, chain.given.to, chain, { kind: 'handoff.received' });
  return transition(device, referral, { event: 'acknowledge', statements: [statement] });
}

/**
 * Moves a referral on. Repeating the same act is safe; an act that lost a race is told `wrong_state`.
 * @throws Problem `wrong_state`, `reason_required`, `consent_inactive`, `not_found`
 * @example
 * await act(device, referral, { event: 'accept' });
 * await act(device, referral, { event: 'decline', statusReason: 'no-capacity' });
 */
export async function act(device: Device, referral: string, what: Act): Promise<Referral> {
  return transition(device, referral, what);
}

/**
 * Takes the consent back on the person's word: it says so, in the log, and who did it.
 * @throws Refused `referral` on a device of neither service
 * @example
 * await withdrawOnRequest(device, referral);
 */
export async function withdrawOnRequest(device: Device, referral: string): Promise<Referral> {
  const { chain } = await verifyReferral(device, referral);
  const source = chain.sender.service.id;
  const isSource = device.serves(source);
  const statement = await nextStatement(device, isSource ? source : chain.given.to, chain, {
    kind: 'consent.withdrawn',
    means: 'on-word',
    by: isSource ? 'source' : 'target',
  });
  return transition(device, referral, { event: 'withdraw-consent', statements: [statement] });
}

/** A signed statement with the opening of its leaf. */
export interface Statement {
  readonly jws: string;
  readonly opening: string;
}

type Added =
  | { readonly kind: 'handoff.received' }
  | { readonly kind: 'consent.renewed'; readonly keepUntil: string }
  | Pick<ConsentInvalidated, 'kind' | 'reason'>
  | { readonly kind: 'consent.withdrawn'; readonly means: 'on-word'; readonly by: 'source' | 'target' };

/** Signed over a chain that was verified: what the server says is never enough to sign for. */
export async function nextStatement(
  device: Device,
  service: string,
  chain: ReleasedChain,
  added: Added,
): Promise<Statement> {
  // whatever a newer version has brought, what was agreed to can be taken back
  const find = added.kind === 'consent.withdrawn' ? latestEpoch : currentEpoch;
  const day = await device.today();
  const { sign: key } = await device.epochOf(service, { find, day });
  return signNext(device, chain, added, key, day);
}

/** The same by whichever key is entitled to it: a service's, or that of the person's code. */
export async function signNext(
  device: Device,
  { given, givenText, head, lastDay }: ReleasedChain,
  added: Added,
  key: SigningKey,
  today?: string,
): Promise<Statement> {
  const day = laterDay(today ?? (await device.today()), lastDay);
  const common = { log: device.consentLog, consent: given.consent, referral: given.referral };
  const prev = toBase64url(hashText(added.kind === 'consent.withdrawn' ? givenText : head));
  const jws = sign('consent-statement+jws', { ...common, prev, day, ...added }, key);
  return { jws, opening: toBase64url(randomBytes(32)) };
}

/** Posts an act. */
export async function transition(device: Device, referral: string, body: object): Promise<Referral> {
  const path = `/v1/referrals/${referral}/transitions`;
  return device.session.json({ method: 'POST', path, idempotencyKey: newId(), body });
}
