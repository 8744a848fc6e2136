import { fromBase64url, newId, randomBytes, toBase64url } from '../../protocol/encoding/bytes.js';
import { intakeProblems, type IntakeProblem } from '../../protocol/directory/intake.js';
import { ROLE } from '../../protocol/envelope/envelope.js';
import { refuse } from '../../protocol/encoding/errors.js';
import { parsePolicy } from '../../protocol/log/policy.js';
import { verifyStatementProof } from '../../protocol/log/proof.js';
import { currentEpoch, latestEpoch } from '../../protocol/registry/registry-keys.js';
import { policyAt } from '../../protocol/registry/registry-witnesses.js';
import {
  openHandoff,
  requireStanding,
  verifyReleased,
  type OpenedHandoff,
  type HandoffInput,
  type HandoffTrust,
  type ReleasedChain,
} from '../../protocol/handoff/open-handoff.js';
import type { Referral } from '../../protocol/referral/state-machine.js';
import type { BoxKey, SigningKey } from '../../protocol/crypto/keys.js';
import type { ConsentInvalidated } from '../../protocol/schemas/statements.js';
import { hashText, sign } from '../../protocol/encoding/signed.js';
import type { ProofsAnswer } from '../device/consent-log.js';
import { laterDay } from '../device/days.js';
import type { Device } from '../device/device.js';
import { getProfile } from './directory.js';
import { readAll } from '../device/pages.js';

export type { Referral };

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

/** A statement with its proof of inclusion, as `GET …/proofs` gives it. */
export interface ProvenStatement {
  readonly jws: string;
  readonly proof: string;
}

/** A signed statement with the opening of its leaf. */
export interface Statement {
  readonly jws: string;
  readonly opening: string;
}

interface HandoffAnswer {
  readonly ctx: string;
  readonly role: number;
  readonly wrap: string;
  readonly wrapHashes: readonly string[];
  readonly body: string;
  readonly carried?: { readonly ctx: string; readonly wrap: string; readonly body: string };
}

/**
 * Referrals of a box, newest first; the closed ones when asked for.
 * @throws Problem `unauthorised` where the device was revoked
 * @example
 * for (const { referral, status } of await listReferrals(device, 'inbox')) show(referral, status);
 */
export async function listReferrals(
  device: Device,
  box: 'inbox' | 'outbox',
  state?: 'closed',
): Promise<Referral[]> {
  return readAll(device.session, '/v1/referrals', { box, state });
}

/** One page of a box. */
export interface ReferralPage {
  readonly items: readonly Referral[];
  /** What to ask with as `after` for the next page; absent on the last one. */
  readonly next?: string;
}

/** Which page of which box is asked for. */
export interface ReferralQuery {
  readonly box: 'inbox' | 'outbox';
  readonly state?: 'open' | 'closed';
  /** One of the device's services; all of them when absent. */
  readonly service?: string;
  readonly after?: string | undefined;
  readonly limit?: string | undefined;
}

/**
 * One page of a box, for whoever shows it page by page.
 * @throws Problem `input_invalid` for a cursor or a limit that is none
 * @example
 * const { items, next } = await pageReferrals(device, { box: 'inbox', state: 'open' });
 */
export async function pageReferrals(device: Device, query: ReferralQuery): Promise<ReferralPage> {
  return device.session.json({ method: 'GET', path: '/v1/referrals', query: { ...query } });
}

/**
 * One referral as the two services see it: its state, never its content.
 * @throws Problem `not_found` where it is neither from nor to a service of this device
 * @example
 * const { status, respondBy } = await getReferral(device, referral);
 */
export async function getReferral(device: Device, referral: string): Promise<Referral> {
  return device.session.json({ method: 'GET', path: `/v1/referrals/${referral}` });
}

/**
 * Waits until the log has taken the statements (about two seconds) and gives them with their proofs.
 * @throws Refused `proof` where the log has not taken the statements after some fifteen seconds; `rollback`,
 * `consistency`
 * @example
 * for (const { jws, proof } of await fetchProofs(device, referral)) show(jws, proof);
 */
export async function fetchProofs(device: Device, referral: string): Promise<ProvenStatement[]> {
  for (let attempt = 0; attempt < 30; attempt++) {
    const from = device.consents.checkpoint;
    const query = { from: device.consents.sizeOf(from) };
    const path = `/v1/referrals/${referral}/proofs`;
    const response = await device.session.send({ method: 'GET', path, query });
    const answer = response.status === 200 ? ((await response.json()) as ProofsAnswer) : undefined;
    if (answer && (await isTaken(device, answer, { note: from, size: query.from })))
      return [...answer.statements];
    if (!answer) await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return refuse('proof');
}

/**
 * A log that does not continue what was seen is refused, unless the registry says by now that it was put back from a backup,
 * or that a new year's has begun.
 */
async function isTaken(
  device: Device,
  answer: ProofsAnswer,
  from: { readonly note: string | undefined; readonly size: string },
): Promise<boolean> {
  const { years } = device.follower.registry;
  try {
    return await device.consents.take(answer, from.note);
  } catch (refusal) {
    const now = await device.registry();
    const isExplained = device.consents.sizeOf(from.note) !== from.size || now.years.length > years.length;
    if (!isExplained) throw refusal;
    return false;
  }
}

/**
 * The statements under a checkpoint that a quorum of the registry's witnesses has seen: what nobody, the operator included,
 * can take back. Undefined until there is one that holds: ask again after the next publication.
 * @throws Problem `not_found`
 * @example
 * const proofs = await fetchFinalProofs(device, referral);
 * show(proofs ? 'witnessed' : 'not yet');
 */
export async function fetchFinalProofs(
  device: Device,
  referral: string,
): Promise<ProvenStatement[] | undefined> {
  const path = `/v1/referrals/${referral}/proofs`;
  const response = await device.session.send({ method: 'GET', path, query: { degree: 'final' } });
  if (response.status !== 200) return undefined;
  const { statements } = (await response.json()) as ProofsAnswer;
  const registry = await device.registry();
  const policy = parsePolicy(policyAt(registry, device.follower.policy.logs, registry.entries.length));
  const isFinal = ({ jws, proof }: ProvenStatement): boolean => {
    try {
      return verifyStatementProof(device.consentLog, jws, proof, policy).size > 0n;
    } catch {
      return false;
    }
  };
  return statements.every(isFinal) ? [...statements] : undefined;
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

/** A handoff, and in what it is not as the receiving service's present intake profile has it; empty for the sender. */
export interface OpenedReferral extends OpenedHandoff {
  readonly intake: readonly IntakeProblem[];
}

/**
 * Opens a handoff with every check of protocol.md, *Opening*: one error for all, and nothing shown before the end. What the
 * intake profile asks for is compared afterwards, and told: the profile may have changed since, and nobody is stranded by it.
 * @throws Refused, with whichever check failed
 * @throws Problem `wrong_state` before `acknowledge` and once it is erased, `consent_inactive` once it is
 * withdrawn
 * @example
 * const { record, intake } = await openReferral(device, referral);
 * show(record, intake);
 */
export async function openReferral(device: Device, referral: string): Promise<OpenedReferral> {
  const { input, own, service, trust } = await fetchHandoff(device, referral);
  const opened = openHandoff(input, own, trust);
  const intake = input.role === ROLE.receiver ? await problemsOf(device, service, opened) : [];
  return { ...opened, intake };
}

async function problemsOf(
  device: Device,
  service: string,
  { record }: OpenedHandoff,
): Promise<IntakeProblem[]> {
  const { profile } = await getProfile(device, service);
  return profile ? intakeProblems(profile.intake, record) : [];
}

/** The sealed handoff as the server keeps it for this device's service, and the key that opens it. */
export interface SealedHandoffOf {
  readonly input: HandoffInput;
  readonly own: BoxKey;
  readonly service: string;
  readonly trust: HandoffTrust;
}

export async function fetchHandoff(device: Device, referral: string): Promise<SealedHandoffOf> {
  const { chain, statements, trust } = await verifyReferral(device, referral);
  const path = `/v1/referrals/${referral}/handoff`;
  const sealed = await device.session.json<HandoffAnswer>({ method: 'GET', path });
  const { role } = sealed;
  const input = {
    statements,
    role,
    ...inBytes(sealed),
    wrapHashes: sealed.wrapHashes.map(fromBase64url),
    carried: sealed.carried && inBytes(sealed.carried),
  };
  const service = role === ROLE.receiver ? chain.given.to : chain.sender.service.id;
  const own = device.keyInContext(service, role, (input.carried ?? input).ctx);
  return { input, own, service, trust };
}

function inBytes({ ctx, wrap, body }: Pick<HandoffAnswer, 'ctx' | 'wrap' | 'body'>) {
  return { ctx: fromBase64url(ctx), wrap: fromBase64url(wrap), body: fromBase64url(body) };
}

export interface VerifiedReferral {
  readonly statements: readonly ProvenStatement[];
  readonly chain: ReleasedChain;
  readonly trust: HandoffTrust;
}

/**
 * What is asked before anything is opened or signed: the statements hold and are in the log, they are those of the
 * referral that was asked for, between the services that it names, and this device serves one of them.
 */
export async function verifyReferral(device: Device, referral: string): Promise<VerifiedReferral> {
  const statements = await fetchProofs(device, referral);
  const { source, target } = await getReferral(device, referral);
  const trust = {
    log: device.consentLog,
    registry: await device.registry(),
    policy: device.follower.policy,
    charter: await device.charter(),
  };
  const chain = verifyReleased(statements, trust);
  const { given } = chain;
  if (given.referral !== referral || given.from !== source || given.to !== target) refuse('referral');
  if (!device.serves(source) && !device.serves(target)) refuse('referral');
  return { statements, chain, trust };
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
