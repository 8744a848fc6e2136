import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { newId, toBase64url } from '../../src/protocol/encoding/bytes.js';
import { textHash } from '../../src/protocol/registry/charter.js';
import type { SigningKey } from '../../src/protocol/crypto/keys.js';
import { emptyRegistry, followRegistry } from '../../src/protocol/registry/registry.js';
import { STATEMENT_EXAMPLES } from '../../src/protocol/schemas/examples.js';
import type { ChainStatement, ConsentGiven } from '../../src/protocol/schemas/statements.js';
import { sign } from '../../src/protocol/encoding/signed.js';
import { extend, verifyChain, type Chain } from '../../src/protocol/consent/statements.js';
import { freshKey, givenOrganisation } from '../support/network/founders.js';

const at = { network: newId(), today: '2026-11-10' };
const LOG = `relais-${at.network}/consent`;
const [seuil, noord, ruelle] = ['Seuil', 'Noord', 'Ruelle'].map((name) => givenOrganisation(at, name)) as [
  ReturnType<typeof givenOrganisation>,
  ReturnType<typeof givenOrganisation>,
  ReturnType<typeof givenOrganisation>,
];
const founders = [seuil, noord, ruelle];
const registry = followRegistry(
  emptyRegistry({ network: at.network, roots: founders.map(({ root }) => root.kid) }),
  founders.flatMap(({ entries, epoch }) => [entries.organisation, entries.coordinatorKey, epoch.entry]),
);
const person = freshKey();
const signers = {
  source: seuil.epoch.keys.sign,
  target: noord.epoch.keys.sign,
  stranger: ruelle.epoch.keys.sign,
  person,
  nobody: freshKey(),
} as const;
type SignerName = keyof typeof signers;

const GIVEN: ConsentGiven = {
  ...STATEMENT_EXAMPLES['consent.given'],
  log: LOG,
  consent: newId(),
  referral: newId(),
  from: seuil.service.id,
  to: noord.service.id,
  person: toBase64url(person.publicKey),
  day: '2026-11-10',
  sendUntil: '2026-11-24',
  keepUntil: '2027-03-10',
};

function signStatement(statement: ChainStatement, by: SigningKey): string {
  return sign('consent-statement+jws', statement, by);
}

function begin(change: Partial<ConsentGiven> = {}, by: SigningKey = signers.source): Chain {
  return verifyChain(LOG, [signStatement({ ...GIVEN, ...change }, by)], registry);
}

type Later = Exclude<ChainStatement, ConsentGiven>;
type Own = { [K in Later['kind']]: Partial<Extract<Later, { kind: K }>> }[Later['kind']];

/** The next statement of a kind, rightly linked, with a change to it. */
function next(chain: Chain, kind: Later['kind'], change: Own = {}): ChainStatement {
  const { log, consent, referral } = chain.given;
  const prev = textHash(kind === 'consent.withdrawn' ? chain.givenText : chain.head);
  const own = {
    'handoff.released': {
      toKey: toBase64url(noord.epoch.keys.box.id),
      fields: chain.given.fields,
      digest: textHash('digest'),
    },
    'handoff.received': {},
    'consent.renewed': { keepUntil: later(chain.keepUntil) },
    'consent.withdrawn': { means: 'own-code', by: 'person' },
    'consent.invalidated': { reason: 'test-entry' },
  }[kind];
  return { log, kind, consent, referral, prev, day: chain.lastDay, ...own, ...change } as ChainStatement;
}

function later(day: string): string {
  return new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
}

/** The signer that a kind has when all is well. */
const USUAL: Readonly<Record<Later['kind'], SignerName>> = {
  'handoff.released': 'source',
  'handoff.received': 'target',
  'consent.renewed': 'source',
  'consent.withdrawn': 'person',
  'consent.invalidated': 'source',
};
const KINDS = Object.keys(USUAL) as Later['kind'][];

function step(chain: Chain, kind: Later['kind'], change: Own = {}, by: SignerName = USUAL[kind]): Chain {
  return extend(LOG, chain, signStatement(next(chain, kind, change), signers[by]), registry);
}

function refusal(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return (error as { check: string }).check;
  }
}

/** What may follow what (docs/protocol/log.md, *Statements*); a renewal changes no state. */
const MAY_FOLLOW: Readonly<Record<Chain['state'], readonly Later['kind'][]>> = {
  given: ['handoff.released', 'consent.renewed', 'consent.withdrawn', 'consent.invalidated'],
  released: ['handoff.received', 'consent.renewed', 'consent.withdrawn', 'consent.invalidated'],
  received: ['consent.renewed', 'consent.withdrawn', 'consent.invalidated'],
  withdrawn: [],
  invalidated: ['consent.withdrawn'],
};

describe('a chain of statements', () => {
  it('takes what may follow, and nothing else, in whatever order it is tried', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...KINDS), { maxLength: 12 }), (kinds) => {
        let chain = begin();
        const texts = [chain.givenText];
        for (const kind of kinds) {
          const text = signStatement(next(chain, kind), signers[USUAL[kind]]);
          const check = refusal(() => extend(LOG, chain, text, registry));
          expect(check).toBe(MAY_FOLLOW[chain.state].includes(kind) ? undefined : 'chain');
          if (check !== undefined) continue;
          texts.push(text);
          chain = extend(LOG, chain, text, registry);
        }
        expect(verifyChain(LOG, texts, registry)).toEqual(chain);
      }),
      { numRuns: 60, seed: 20261124 },
    );
  });

  it('is withdrawn whatever came last: the withdrawal names the consent itself', () => {
    const [received, released] = [
      step(step(begin(), 'handoff.released'), 'handoff.received'),
      step(begin(), 'handoff.released'),
    ];
    for (const chain of [begin(), released, received, step(received, 'consent.invalidated')]) {
      const withdrawn = step(chain, 'consent.withdrawn');
      expect([withdrawn.state, withdrawn.head]).toEqual(['withdrawn', chain.head]);
    }
  });

  it('is withdrawn though others acted after the day on which that was said, but not before the consent', () => {
    const released = step(begin(), 'handoff.released');
    const received = step(released, 'handoff.received', { day: '2026-11-12' });
    const withdrawn = step(received, 'consent.withdrawn', { day: '2026-11-10' });
    expect([withdrawn.state, withdrawn.lastDay]).toEqual(['withdrawn', '2026-11-10']);
    expect(refusal(() => step(received, 'consent.withdrawn', { day: '2026-11-09' }))).toBe('dates');
    expect(refusal(() => step(received, 'consent.renewed', { day: '2026-11-11' }))).toBe('dates');
  });

  it.each(KINDS)(
    'refuses %s about another log, consent, referral or predecessor, or from the past',
    (kind) => {
      const chain =
        kind === 'handoff.received'
          ? step(begin({ day: '2026-11-11' }), 'handoff.released')
          : begin({ day: '2026-11-11' });
      const wrong: [string, Own][] = [
        ['log', { log: 'relais-elsewhere/consent' }],
        ['chain', { consent: newId() }],
        ['chain', { referral: newId() }],
        ['chain', { prev: textHash('another') }],
        ['chain', { prev: null }],
        ['dates', { day: '2026-11-10' }],
      ];
      for (const [check, change] of wrong)
        expect([change, refusal(() => step(chain, kind, change))]).toEqual([change, check]);
      expect(refusal(() => step(chain, kind))).toBeUndefined();
    },
  );

  it.each<[Later['kind'], SignerName[], Own]>([
    ['handoff.released', ['source'], {}],
    ['handoff.received', ['target'], {}],
    ['consent.renewed', ['source', 'person'], {}],
    ['consent.invalidated', ['source'], {}],
    ['consent.withdrawn', ['person'], { by: 'person', means: 'own-code' }],
    ['consent.withdrawn', ['source'], { by: 'source', means: 'on-word' }],
    ['consent.withdrawn', ['target'], { by: 'target', means: 'on-word' }],
    ['consent.withdrawn', [], { by: 'person', means: 'on-word' }],
    ['consent.withdrawn', [], { by: 'source', means: 'own-code' }],
    ['consent.withdrawn', [], { by: 'target', means: 'own-code' }],
  ])('takes %s from %s only (%o)', (kind, who, change) => {
    const chain = kind === 'handoff.received' ? step(begin(), 'handoff.released') : begin();
    for (const by of Object.keys(signers) as SignerName[]) {
      const check = refusal(() => step(chain, kind, change, by));
      if (who.includes(by)) expect([by, check]).toEqual([by, undefined]);
      else expect([by, check]).toEqual([by, by === 'nobody' ? 'kid' : 'signer']);
    }
  });

  it('begins with a consent, given by the service that it names, within its own dates', () => {
    const own = signStatement({ ...GIVEN }, signers.source);
    expect(refusal(() => verifyChain(LOG, [], registry))).toBe('chain');
    expect(refusal(() => verifyChain('relais-elsewhere/consent', [own], registry))).toBe('log');
    expect(refusal(() => begin({ prev: textHash('x') }))).toBe('chain');
    expect(refusal(() => begin({}, signers.target))).toBe('signer');
    expect(refusal(() => begin({}, person))).toBe('signer');
    expect(refusal(() => begin({ sendUntil: '2026-11-09' }))).toBe('dates');
    expect(refusal(() => begin({ keepUntil: '2026-11-23' }))).toBe('dates');
    const received = signStatement(next(begin(), 'handoff.received'), signers.target);
    expect(refusal(() => verifyChain(LOG, [received], registry))).toBe('chain');
    const unknown = signStatement(next(begin(), 'handoff.received'), signers.nobody);
    expect(refusal(() => verifyChain(LOG, [unknown], registry))).toBe('kid');
    expect(refusal(() => extend(LOG, begin(), own, registry))).toBe('chain');
    const again = { ...GIVEN, prev: textHash(begin().head) };
    expect(refusal(() => extend(LOG, begin(), signStatement(again, signers.source), registry))).toBe('chain');
  });

  it('never holds a list of erasures', () => {
    const erasure = { ...STATEMENT_EXAMPLES['erasure.done'], log: LOG };
    const text = sign('consent-statement+jws', erasure, signers.source);
    expect(refusal(() => verifyChain(LOG, [text], registry))).toBe('chain');
    expect(refusal(() => extend(LOG, begin(), text, registry))).toBe('chain');
  });

  it('releases to a registered key of the service that the consent names, the fields it names, in time', () => {
    const wrong: [string, Own][] = [
      ['to-key', { toKey: toBase64url(ruelle.epoch.keys.box.id) }],
      ['to-key', { toKey: textHash('no key') }],
      ['fields', { fields: textHash('other fields') }],
      ['dates', { day: '2026-11-25' }],
    ];
    for (const [check, change] of wrong)
      expect(refusal(() => step(begin(), 'handoff.released', change))).toBe(check);
    const released = step(begin(), 'handoff.released', { day: '2026-11-24' });
    expect(released.released?.digest).toBe(textHash('digest'));
    expect(refusal(() => step(released, 'handoff.received', { day: '2026-11-25' }))).toBe('dates');
    expect(step(released, 'handoff.received').state).toBe('received');
  });

  it('is renewed to a later day only, also long after it was sent', () => {
    const chain = step(step(begin(), 'handoff.released'), 'handoff.received');
    for (const keepUntil of [chain.keepUntil, '2026-12-31'])
      expect(refusal(() => step(chain, 'consent.renewed', { keepUntil }))).toBe('dates');
    const renewed = step(chain, 'consent.renewed', { keepUntil: '2027-05-01', day: '2027-03-01' });
    expect([renewed.state, renewed.keepUntil, renewed.lastDay]).toEqual([
      'received',
      '2027-05-01',
      '2027-03-01',
    ]);
  });
});

describe('a person who refers themselves', () => {
  const self = { from: null };

  it('gives, releases, renews and withdraws with the key of their code', () => {
    const given = begin(self, person);
    const released = step(given, 'handoff.released', {}, 'person');
    const received = step(released, 'handoff.received');
    expect(step(step(received, 'consent.renewed', {}, 'person'), 'consent.withdrawn').state).toBe(
      'withdrawn',
    );
  });

  it('has no source that could act for them', () => {
    const given = begin(self, person);
    expect(refusal(() => begin(self))).toBe('signer');
    expect(refusal(() => step(given, 'handoff.released'))).toBe('signer');
    for (const by of ['source', 'person'] as const)
      expect(refusal(() => step(given, 'consent.withdrawn', { by: 'source', means: 'on-word' }, by))).toBe(
        'signer',
      );
    const onWord = step(given, 'consent.withdrawn', { by: 'target', means: 'on-word' }, 'target');
    expect(onWord.state).toBe('withdrawn');
  });
});
