import { addDays } from '../encoding/days.js';
import { refuse } from '../encoding/errors.js';
import type { RegisteredAgreement, RegisteredOrganisation, ServiceHead } from './registered.js';
import type { Payload } from '../schemas/signed.js';

export type { RegisteredAgreement } from './registered.js';

/** `proposed` until every party has signed; `agreed` before its first day; `over` after its last. */
export type AgreementState = 'proposed' | 'agreed' | 'active' | 'over';

/** From where to where somebody is passed on, what for, and how. */
export interface Passage {
  readonly from: string;
  readonly to: string;
  readonly purpose: string;
  readonly kind: 'referral' | 'transfer';
}

/** Who is told that an agreement ends is told so many days before. */
const ENDS_SOON_DAYS = 60;

interface Members {
  readonly entries: readonly string[];
  readonly organisations: ReadonlyMap<string, RegisteredOrganisation>;
  readonly serviceHeads: ReadonlyMap<string, ServiceHead>;
}

/**
 * An agreement that nobody has signed yet: between members, and between their own services. @throws Refused
 * parties, dates
 */
export function proposed(
  terms: Payload<'agreement+jws'>,
  signedText: string,
  { entries, organisations, serviceHeads }: Members,
): RegisteredAgreement {
  const { parties, routes, from, until } = terms;
  const ascending = [...parties].sort();
  const isAscending = parties.every((party, i) => party === ascending[i]);
  if (!isAscending || !parties.every((party) => organisations.has(party))) refuse('parties');
  const heads = routes.flatMap((route) => [serviceHeads.get(route.from), serviceHeads.get(route.to)]);
  if (!heads.every((head) => head !== undefined && parties.includes(head.organisation))) refuse('parties');
  if (until < from) refuse('dates');
  return { terms, signedText, signers: [], index: entries.length };
}

/** One signature more. @throws Refused signer, chain */
export function signedBy(
  before: RegisteredAgreement,
  signature: { readonly organisation: string; readonly signedText: string },
): RegisteredAgreement {
  const { organisation, signedText } = signature;
  if (!before.terms.parties.includes(organisation)) refuse('signer');
  if (before.signedText !== signedText || before.signers.includes(organisation)) refuse('chain');
  if (before.endedFrom !== undefined) refuse('chain');
  return { ...before, signers: [...before.signers, organisation] };
}

/**
 * A party's word that it ends; an earlier end stays, and nothing is ended twice by the same day. @throws
 * Refused
 */
export function endedBy(
  before: RegisteredAgreement,
  { organisation, from }: Payload<'agreement-end+jws'>,
): RegisteredAgreement {
  if (!before.terms.parties.includes(organisation)) refuse('signer');
  if (before.endedFrom !== undefined && before.endedFrom <= from) refuse('chain');
  return { ...before, endedFrom: from };
}

/** Where an agreement stands on a day. */
export function stateOn({ terms, signers, endedFrom }: RegisteredAgreement, day: string): AgreementState {
  if (day > terms.until || (endedFrom !== undefined && endedFrom <= day)) return 'over';
  if (signers.length < terms.parties.length) return 'proposed';
  return day < terms.from ? 'agreed' : 'active';
}

/** The agreement along which a passage is allowed on a day; none where nobody has agreed to exactly that. */
export function agreementFor(
  agreements: Iterable<RegisteredAgreement>,
  passage: Passage,
  day: string,
): RegisteredAgreement | undefined {
  for (const agreement of agreements)
    if (covers(agreement, passage) && stateOn(agreement, day) === 'active') return agreement;
  return undefined;
}

/** The last day on which an agreement holds. */
export function lastDayOf({ terms, endedFrom }: RegisteredAgreement): string {
  const last = endedFrom === undefined ? terms.until : addDays(endedFrom, -1);
  return last < terms.until ? last : terms.until;
}

/** Agreements that hold and soon will not: both sides have sixty days to speak about it. */
export function endingSoon(
  agreements: Iterable<RegisteredAgreement>,
  organisation: string,
  today: string,
): RegisteredAgreement[] {
  return [...agreements].filter(
    (agreement) =>
      agreement.terms.parties.includes(organisation) &&
      stateOn(agreement, today) === 'active' &&
      lastDayOf(agreement) <= addDays(today, ENDS_SOON_DAYS),
  );
}

function covers({ terms }: RegisteredAgreement, { from, to, purpose, kind }: Passage): boolean {
  const isRouted = terms.routes.some((route) => route.from === from && route.to === to);
  return isRouted && terms.kind === kind && terms.purposes.includes(purpose);
}
