import {
  agreementFor,
  endingSoon,
  lastDayOf,
  stateOn,
  type AgreementState,
  type Passage,
  type RegisteredAgreement,
} from '../../protocol/registry/agreements.js';
import { fromBase64url, newId } from '../../protocol/encoding/bytes.js';
import { textHash } from '../../protocol/registry/charter.js';
import { addDays } from '../../protocol/encoding/days.js';
import { refuse } from '../../protocol/encoding/errors.js';
import { isPlainText } from '../../protocol/encoding/plain-text.js';
import type { Payload } from '../../protocol/schemas/signed.js';
import { sign } from '../../protocol/encoding/signed.js';
import type { UnusualName } from '../../protocol/encoding/name-warnings.js';
import type { Device } from '../device/device.js';
import { unusualNamesOf } from './unusual.js';

/**
 * What the parties of an agreement sign: who, which routes, for what, from when until when (`agreement+jws`).
 */
export type AgreementTerms = Payload<'agreement+jws'>;

/** What a party proposes; the rest of the terms follows from it. */
export interface Proposal extends Omit<AgreementTerms, 'network' | 'agreement' | 'textHash'> {
  /** The words, to the byte: what everybody signs is their hash. */
  readonly text: string;
}

/** An agreement by the followed registry, as it stands today. */
export interface KnownAgreement {
  readonly terms: AgreementTerms;
  readonly state: AgreementState;
  readonly signers: readonly string[];
  readonly lastDay: string;
  /** It holds, and ends within sixty days. */
  readonly endsSoon: boolean;
}

/** An agreement with its words, which are those that its signatures are for. */
export interface ReadAgreement extends KnownAgreement {
  readonly text: string;
  /** Names of its parties and of their services at which to look twice before one signs. */
  readonly unusual: readonly UnusualName[];
}

/**
 * A coordinator's device proposes an agreement and signs it first. Answers its id. Refuses words that are not
 * plain text.
 * @throws Refused `text` for words that are not plain text; `not-a-coordinator`; Problem `statement_invalid`
 * for terms that do not hold
 * @example
 * const known = await listAgreements(coordinator);
 * const { agreement: _, textHash: __, network: ___, ...terms } = known[0]!.terms; // as last time
 * const text = AGREEMENT_TEMPLATES.fr;
 * const agreement = await proposeAgreement(coordinator, { ...terms, text });
 */
export async function proposeAgreement(
  device: Device,
  { text, ...proposal }: Proposal,
  agreement = newId(),
): Promise<string> {
  if (!isPlainText(text, true)) refuse('text', '/text');
  const parties = [...proposal.parties].sort();
  const terms = { network: device.network, agreement, ...proposal, parties, textHash: textHash(text) };
  const signature = sign('agreement+jws', terms, device.coordinatorKey());
  const body = { text, signature };
  await device.rememberMade([signature]);
  await device.session.send({ method: 'POST', path: '/v1/agreements', idempotencyKey: agreement, body });
  return agreement;
}

/**
 * Agreements to which this device's organisation is a party, those first whose last day comes first.
 * @throws Refused `rollback`, `consistency` where the registry is not the one that was seen
 * @example
 * for (const { terms, state, lastDay } of await listAgreements(device)) show(terms.agreement, state,
 * lastDay);
 */
export async function listAgreements(device: Device): Promise<KnownAgreement[]> {
  const { agreements } = await device.registry();
  const today = await device.today();
  return [...agreements.values()]
    .filter(({ terms }) => terms.parties.includes(device.organisation.id))
    .map((agreement) => known(device, agreement, today))
    .sort((a, b) => (a.lastDay < b.lastDay ? -1 : 1));
}

/**
 * One agreement and its words. Refuses words that are not the ones that were signed.
 * @throws Refused `agreement` where the registry shows none of this id, or the words are not those that were
 * signed
 * @example
 * const { text, unusual } = await readAgreement(coordinator, code);
 * show(text, unusual);
 */
export async function readAgreement(device: Device, id: string): Promise<ReadAgreement> {
  const { text } = await device.session.json<{ text: string }>({
    method: 'GET',
    path: `/v1/agreements/${id}`,
  });
  const shown = (await device.registry()).agreements.get(id) ?? refuse('agreement');
  if (textHash(text) !== shown.terms.textHash) refuse('agreement');
  const unusual = await unusualNamesOf(device, shown.terms.parties);
  return { ...known(device, shown, await device.today()), text, unusual };
}

/**
 * A coordinator's device signs for its organisation what it has read: the very bytes that the first party
 * signed.
 * @throws Refused `agreement`, `not-a-coordinator`
 * @example
 * const agreement = await readAgreement(coordinator, code);
 * show(agreement.text); // read first
 * await signAgreement(coordinator, agreement);
 */
export async function signAgreement(device: Device, { terms }: ReadAgreement): Promise<void> {
  const shown = (await device.registry()).agreements.get(terms.agreement) ?? refuse('agreement');
  const signedText = new TextDecoder().decode(fromBase64url(shown.signedText));
  await device.postEntries([sign('agreement+jws', signedText, device.coordinatorKey())]);
}

/**
 * Ends an agreement alone, on the first day that its notice allows, or leaves a proposed one unsigned for
 * good. Answers that day.
 * @throws Refused `agreement`, `not-a-coordinator`
 * @example
 * const firstDayWithout = await endAgreement(coordinator, code);
 */
export async function endAgreement(device: Device, id: string): Promise<string> {
  const shown = (await device.registry()).agreements.get(id) ?? refuse('agreement');
  const today = await device.today();
  const from = addDays(today, stateOn(shown, today) === 'proposed' ? 0 : shown.terms.noticeDays);
  const end = { network: device.network, agreement: id, organisation: device.organisation.id, from };
  await device.postEntries([sign('agreement-end+jws', end, device.coordinatorKey())]);
  return from;
}

/**
 * Whether the charter lets a service pass somebody on to another, for this purpose: everywhere, or along an
 * agreement that holds today. Asked before a person is, so that nobody agrees to what cannot be done.
 * @throws Refused `charter` where the server's charter is not the one in force
 * @example
 * const route = { from: service, to: other, purpose: 'health-care', kind: 'referral' } as const;
 * if (!(await mayRefer(device, route))) show(await servicesAlongAgreements(device, route));
 */
export async function mayRefer(device: Device, passage: Passage): Promise<boolean> {
  if ((await device.charter()).reach === 'network') return true;
  const { agreements } = await device.registry();
  return agreementFor(agreements.values(), passage, await device.today()) !== undefined;
}

/**
 * The services that can be asked instead: along agreements that hold today, for the same purpose and kind.
 * @throws Refused `rollback`, `consistency` where the registry is not the one that was seen
 * @example
 * const services = await servicesAlongAgreements(device, { from: service, purpose: 'health-care', kind:
 * 'referral' });
 */
export async function servicesAlongAgreements(
  device: Device,
  { from, purpose, kind }: Omit<Passage, 'to'>,
): Promise<string[]> {
  const { agreements } = await device.registry();
  const today = await device.today();
  const routes = [...agreements.values()].flatMap(({ terms }) => terms.routes);
  const targets = new Set(routes.filter((route) => route.from === from).map(({ to }) => to));
  return [...targets].filter((to) => agreementFor(agreements.values(), { from, to, purpose, kind }, today));
}

function known({ organisation }: Device, agreement: RegisteredAgreement, today: string): KnownAgreement {
  const { terms, signers } = agreement;
  const endsSoon = endingSoon([agreement], organisation.id, today).length > 0;
  return { terms, state: stateOn(agreement, today), signers, lastDay: lastDayOf(agreement), endsSoon };
}
