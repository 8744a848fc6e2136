import { describe, expect, it } from '@jest/globals';
import {
  agreementFor,
  endingSoon,
  lastDayOf,
  stateOn,
  type Passage,
  type RegisteredAgreement,
} from '../../src/protocol/registry/agreements.js';
import { textHash } from '../../src/protocol/registry/charter.js';
import { emptyRegistry, followRegistry } from '../../src/protocol/registry/registry.js';
import { readVectors } from '../support/log/vectors.js';

interface AgreementVectors {
  readonly trust: { network: string; roots: string[] };
  readonly text: string;
  readonly terms: { agreement: string; textHash: string };
  readonly organisations: readonly string[];
  readonly services: readonly [a: string, b: string, c: string];
  readonly entries: readonly string[];
  readonly signatures: readonly string[];
  readonly ends: readonly string[];
  readonly states: readonly { day: string; entries: string[]; state: string }[];
  readonly refused: readonly { name: string; check: string; before: string[]; jws: string }[];
}

const vectors = readVectors('agreements.json') as AgreementVectors;
const members = followRegistry(emptyRegistry(vectors.trust), vectors.entries);
const [a, b, c] = vectors.services;

function agreementsAfter(entries: readonly string[]): RegisteredAgreement[] {
  return [...followRegistry(members, entries).agreements.values()];
}

describe('agreements of the vectors', () => {
  it('are for the words whose hash they carry', () => {
    const [agreement] = agreementsAfter(vectors.signatures);
    expect(agreement).toMatchObject({
      terms: vectors.terms,
      signers: vectors.organisations.slice(0, 2),
      index: 9,
    });
    expect(textHash(vectors.text)).toBe(vectors.terms.textHash);
  });

  it.each(vectors.states.map((each) => [each.state, each.day, each] as const))(
    'are %s on %s',
    (state, day, { entries }) => {
      expect(agreementsAfter(entries).map((agreement) => stateOn(agreement, day))).toEqual([state]);
    },
  );

  it.each(vectors.refused.map((each) => [each.name, each] as const))('refuse: %s', (_, refusal) => {
    const before = followRegistry(members, refusal.before);
    expect(() => followRegistry(before, [refusal.jws])).toThrow(
      expect.objectContaining({ check: refusal.check }),
    );
  });
});

describe('a passage', () => {
  const agreed: Passage = { from: a, to: b, purpose: 'health-care', kind: 'referral' };
  const agreements = agreementsAfter(vectors.signatures);
  const isAgreed = (passage: Passage, day: string): boolean =>
    agreementFor(agreements, passage, day) !== undefined;

  it('is allowed along an agreement, on its days', () => {
    const days = ['2026-11-30', '2026-12-01', '2027-11-30', '2027-12-01'];
    expect(days.map((day) => isAgreed(agreed, day))).toEqual([false, true, true, false]);
  });

  it('is allowed along each route of an agreement', () => {
    const [agreement] = agreements as [RegisteredAgreement];
    const routes = [
      { from: c, to: b },
      { from: a, to: b },
    ];
    const both = { ...agreement, terms: { ...agreement.terms, routes } };
    for (const from of [a, c]) expect(agreementFor([both], { ...agreed, from }, '2027-01-01')).toBe(both);
    expect(agreementFor([both], { ...agreed, from: c, to: a }, '2027-01-01')).toBeUndefined();
  });

  it.each<[string, Partial<Passage>]>([
    ['the other way', { from: b, to: a }],
    ['from another service', { from: c }],
    ['to another service', { to: c }],
    ['for another purpose', { purpose: 'legal-aid' }],
    ['of another kind', { kind: 'transfer' }],
  ])('is not: %s', (_, change) => {
    expect(isAgreed({ ...agreed, ...change }, '2027-01-01')).toBe(false);
  });
});

describe('the end of an agreement', () => {
  const [partyA = '', , partyC = ''] = vectors.organisations;

  it('is its last day, or the day before an end that comes first', () => {
    const lastDays = [vectors.signatures, [...vectors.signatures, ...vectors.ends]].map((entries) =>
      agreementsAfter(entries).map(lastDayOf),
    );
    expect(lastDays).toEqual([['2027-11-30'], ['2027-05-31']]);
    const late = {
      ...(agreementsAfter(vectors.signatures)[0] as RegisteredAgreement),
      endedFrom: '2028-01-01',
    };
    expect(lastDayOf(late)).toBe('2027-11-30');
  });

  it('is told to its parties from sixty days before, while it holds', () => {
    const agreements = agreementsAfter(vectors.signatures);
    const told = (organisation: string, day: string): number =>
      endingSoon(agreements, organisation, day).length;
    const days = ['2027-09-30', '2027-10-01', '2027-11-30', '2027-12-01'];
    expect(days.map((day) => told(partyA, day))).toEqual([0, 1, 1, 0]);
    expect(told(partyC, '2027-10-01')).toBe(0);
  });
});
