import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fromHex, toBase64url } from '../../src/protocol/encoding/bytes.js';
import {
  charterHash,
  DEFAULT_PURPOSES,
  defaultCharter,
  parseCharter,
  requireAppointed,
  textHash,
} from '../../src/protocol/registry/charter.js';
import { canonicalText, isInherited, parseStrict } from '../../src/protocol/encoding/json.js';
import refer1 from '../../src/protocol/consent/notices/refer-1.json' with { type: 'json' };
import { HANDOFF_FIELDS, REFUSED_FIELDS } from '../../src/protocol/schemas/handoff-record.js';
import { readVectors } from '../support/log/vectors.js';

const MEMBERS = [
  {
    organisation: '22222222-2222-3333-4444-555555555555',
    root: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
  },
  {
    organisation: '11111111-2222-3333-4444-555555555555',
    root: '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU',
  },
];
const charter = defaultCharter('Réseau d’essai', MEMBERS);
const { charter: vector } = readVectors('registry.json') as {
  charter: { canonicalText: string; textHash: string };
};

/** Text without a lone surrogate, as strict JSON wants it. */
const text = fc.string({ unit: 'binary', maxLength: 12 }).filter((s) => !s.includes('\0'));
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.maxSafeNat(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      // names that strict JSON refuses
      text.filter((name) => !isInherited(name)),
      tie('value'),
      { maxKeys: 5 },
    ),
  ),
})).value;

/** The same value with its members in another order. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, member]) => [name, reordered(member)] as const)
      .reverse(),
  );
}

describe('canonical text', () => {
  it('is that of the vectors', () => {
    expect(canonicalText(JSON.parse(vector.canonicalText))).toBe(vector.canonicalText);
    expect(textHash(vector.canonicalText)).toBe(toBase64url(fromHex(vector.textHash)));
  });

  it('is that of RFC 8785, sections 3.2.2 and 3.2.3, as far as our JSON goes', () => {
    expect(canonicalText({ string: '€$\u000f\nA\'B"\\\\"/', literals: [null, true, false] })).toBe(
      '{"literals":[null,true,false],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
    const names = ['€', '\r', '\ufb33', '1', '😀', '\u0080', 'ö'];
    const canonical = canonicalText(Object.fromEntries(names.map((name) => [name, 0])));
    expect(canonical).toBe('{"\\r":0,"1":0,"\u0080":0,"ö":0,"€":0,"😀":0,"\ufb33":0}');
  });

  it('is one text for one value, whatever the order of its members', () => {
    fc.assert(
      fc.property(json, (value) => {
        const canonical = canonicalText(value);
        expect(canonicalText(reordered(value))).toBe(canonical);
        expect(canonicalText(parseStrict(canonical))).toBe(canonical);
        expect(JSON.parse(canonical)).toEqual(value);
      }),
    );
  });
});

describe('a charter', () => {
  it('is read from its canonical text only', () => {
    const canonical = canonicalText(charter);
    expect(parseCharter(canonical)).toEqual(charter);
    for (const other of [
      `${canonical}\n`,
      JSON.stringify(charter),
      canonical.replace(':', ': '),
      '{}',
      'null',
    ])
      expect(() => parseCharter(other)).toThrow(expect.objectContaining({ check: 'charter' }));
    expect(() => parseCharter('{')).toThrow(expect.objectContaining({ check: 'json' }));
  });

  it('has one hash, which changes with every word of it', () => {
    expect(charterHash(charter)).toBe(textHash(canonicalText(charter)));
    expect(charterHash(charter)).toBe(charterHash(defaultCharter('Réseau d’essai', [...MEMBERS].reverse())));
    const members = [...MEMBERS].sort((a, b) => (a.root < b.root ? -1 : 1));
    for (const given of [members, members.toReversed()])
      expect(defaultCharter('Réseau d’essai', given).members).toEqual(members);
    expect(charterHash({ ...charter, reach: 'agreement' })).not.toBe(charterHash(charter));
  });

  it('leaves open, at first, what the network has not decided', () => {
    const { objectives, statistics, witnesses, auditors, observers, refusedFields } = defaultCharter(
      'x',
      MEMBERS,
    );
    for (const open of [objectives, statistics, witnesses, auditors, observers]) expect(open).toEqual([]);
    expect(refusedFields).toEqual(REFUSED_FIELDS.map((field) => ({ field, exceptFor: [] })));
  });

  it.each([
    ['an unknown member', { ...charter, operator: true }],
    ['a notice without a version', { ...charter, notices: { refer: {} } }],
    ['a notice in no language', { ...charter, notices: { 'refer@1': { '': charterHash(charter) } } }],
  ])('is of a newer version with %s', (_, other) => {
    expect(() => parseCharter(canonicalText(other))).toThrow(expect.objectContaining({ check: 'upgrade' }));
  });

  it.each([
    ['no member', { ...charter, members: [] }],
    ['a deadline of nothing', { ...charter, respondWithinHours: { stat: 0, urgent: 72, routine: 336 } }],
    ['a delay that publishes never', { ...charter, publishing: { delaySeconds: 86_401 } }],
  ])('is refused with %s', (_, other) => {
    expect(() => parseCharter(canonicalText(other))).toThrow(expect.objectContaining({ check: 'charter' }));
  });
});

describe('the charter to found a network with', () => {
  it('says what a fresh network needs', () => {
    expect(charter).toMatchObject({
      version: 1,
      reach: 'network',
      limits: { sendUntilDays: { default: 14 }, keepUntilDays: { default: 120, max: 365 } },
      respondWithinHours: { stat: 24, urgent: 72, routine: 14 * 24 },
      witnesses: [],
      quorum: 'none',
      publishing: { delaySeconds: 3600 },
    });
    expect(charter.purposes).toEqual([...DEFAULT_PURPOSES].sort());
    expect(charter.members.map(({ root }) => root)).toEqual(MEMBERS.map(({ root }) => root).sort());
  });

  it('refuses no field that everybody may offer', () => {
    const refused: readonly string[] = REFUSED_FIELDS;
    expect(charter.refusedFields).toEqual(refused.map((field) => ({ field, exceptFor: [] })));
    expect(HANDOFF_FIELDS.filter((field) => refused.includes(field))).toEqual([]);
  });

  it('names a notice in each of its languages, by the hash of the text that is read out', () => {
    expect(Object.keys(refer1).sort()).toEqual(charter.languages);
    for (const [language, notice] of Object.entries(refer1))
      expect(charter.notices['refer@1']?.[language]).toBe(textHash(notice));
  });

  it('has a notice of plain lines: eight of them in each language, none of them long', () => {
    for (const notice of Object.values(refer1)) {
      const lines = notice.split('\n');
      expect(lines).toHaveLength(8);
      expect(notice).toBe(notice.normalize('NFC').trim());
      for (const sentence of notice.split(/(?<=[.;:])\s+/))
        expect(sentence.split(/\s+/).length).toBeLessThanOrEqual(32);
    }
  });
});

describe('who is appointed', () => {
  const appointed = { auditors: ['a'], observers: ['b'] };

  it('may be an auditor or an observer, as the charter says, and everybody else works', () => {
    for (const [role, organisation] of [
      ['auditor', 'a'],
      ['observer', 'b'],
      ['worker', 'c'],
      ['coordinator', 'c'],
    ] as const)
      expect(() => requireAppointed(role, organisation, appointed)).not.toThrow();
    for (const role of ['auditor', 'observer'] as const)
      expect(() => requireAppointed(role, 'c', appointed)).toThrow('refused: role');
  });
});
