import { describe, expect, it } from '@jest/globals';
import { intakeProblems } from '../../src/protocol/directory/intake.js';
import { parseProfile, requireDeclarable } from '../../src/protocol/directory/profile.js';
import { Refused } from '../../src/protocol/encoding/errors.js';
import { TAXONOMY, termWithParents } from '../../src/protocol/directory/taxonomy.js';
import { defaultCharter, DEFAULT_PURPOSES } from '../../src/protocol/registry/charter.js';
import { SERVICE_PROFILE_EXAMPLE } from '../../src/protocol/schemas/example-profile.js';
import { HANDOFF_RECORD_EXAMPLE } from '../../src/protocol/schemas/examples.js';
import type { Intake, Question, ServiceProfile } from '../../src/protocol/schemas/service-profile.js';

const HERE = 'bbbbbbbb-cccc-dddd-eeee-ffffffffffff';
const labels = { fr: 'Une question', nl: 'Een vraag' };

describe('a profile', () => {
  const parsed = (change: object) => parseProfile(JSON.stringify({ ...SERVICE_PROFILE_EXAMPLE, ...change }));
  const hours = (change: object) => parsed({ hours: [{ opensAt: '09:00', closesAt: '12:00', ...change }] });
  const asks = (...questions: object[]) =>
    parsed({
      intake: {
        requires: [],
        offers: [],
        questions: questions.map((each) => ({ required: false, labels, ...each })),
      },
    });

  it('is taken whole', () => {
    expect(parsed({})).toEqual(SERVICE_PROFILE_EXAMPLE);
  });

  it.each<[string, string, () => ServiceProfile]>([
    ['an unknown member', 'profile', () => parsed({ name: 'x' })],
    ['two places', 'profile', () => parsed({ location: [] })],
    [
      'an address that is redacted',
      'profile',
      () => parsed({ location: { ...SERVICE_PROFILE_EXAMPLE.location, kind: 'redacted' } }),
    ],
    [
      'an address of nowhere',
      'profile',
      () => parsed({ location: { ...SERVICE_PROFILE_EXAMPLE.location, kind: 'virtual' } }),
    ],
    ['a place without an address', 'profile', () => parsed({ location: { kind: 'physical' } })],
    ['no language', 'profile', () => parsed({ languages: [] })],
    ['a text in no language', 'profile', () => parsed({ description: {} })],
    ['the same language twice', 'profile', () => parsed({ languages: ['fr', 'fr'] })],
    ['a page without encryption', 'profile', () => parsed({ url: 'http://nuit.example/' })],
    ['a page with a name and password', 'profile', () => parsed({ url: 'https://a:b@nuit.example/' })],
    [
      'a rule about religion',
      'profile',
      () => parsed({ eligibility: { rules: [{ about: 'religion', oneOf: ['a'] }] } }),
    ],
    [
      'a rule of two kinds',
      'profile',
      () => parsed({ eligibility: { rules: [{ about: 'animals', oneOf: ['dog'], noneOf: ['cat'] }] } }),
    ],
    ['a term of no list', 'term', () => parsed({ terms: ['shelter', 'no-such-term'] })],
    ['every other week from nowhere', 'hours', () => hours({ freq: 'WEEKLY', interval: 2, byday: ['MO'] })],
    ['no day at all', 'hours', () => hours({ freq: 'WEEKLY' })],
    ['the first Monday of a week', 'hours', () => hours({ freq: 'WEEKLY', byday: ['1MO'] })],
    ['days of a month in a week', 'hours', () => hours({ freq: 'WEEKLY', byday: ['MO'], bymonthday: [1] })],
    ['a choice without options', 'questions', () => asks({ id: 'a', type: 'choice' })],
    [
      'options of a text',
      'questions',
      () => asks({ id: 'a', type: 'text', options: [{ code: 'b', labels }] }),
    ],
    [
      'an option twice',
      'questions',
      () =>
        asks({
          id: 'a',
          type: 'choices',
          options: [
            { code: 'b', labels },
            { code: 'b', labels: { fr: 'autre' } },
          ],
        }),
    ],
    ['a question twice', 'questions', () => asks({ id: 'a', type: 'text' }, { id: 'a', type: 'date' })],
  ])('is refused with %s (%s)', (_, check, parse) => {
    expect(parse).toThrow(new Refused(check));
  });

  it('takes days of a month, with weekdays or without', () => {
    expect(hours({ freq: 'MONTHLY', bymonthday: [1] }).hours).toHaveLength(1);
    expect(hours({ freq: 'MONTHLY', byday: ['1MO'] }).hours).toHaveLength(1);
  });

  it('asks for a refused field only where an exception was voted for that service', () => {
    const { refusedFields } = defaultCharter('Réseau', []);
    const excepted = refusedFields.map((each) => ({ ...each, exceptFor: [HERE] }));
    const intake = (change: Partial<Intake>) => ({
      intake: { requires: [], offers: [], questions: [], ...change },
    });
    for (const asked of [intake({ requires: ['nationality'] }), intake({ offers: ['nationality'] })]) {
      expect(() => requireDeclarable(asked, HERE, refusedFields)).toThrow('refused-field');
      expect(() => requireDeclarable(asked, HERE, excepted)).not.toThrow();
      expect(() => requireDeclarable(asked, HERE.replace('b', 'a'), excepted)).toThrow('refused-field');
      expect(() => requireDeclarable(asked, HERE, [])).toThrow('refused-field');
    }
    expect(() => requireDeclarable(intake({ requires: ['household'] }), HERE, refusedFields)).not.toThrow();
    const voted = [{ field: 'household', exceptFor: [] }];
    expect(() => requireDeclarable(intake({ requires: ['household'] }), HERE, voted)).toThrow(
      'refused-field',
    );
  });
});

describe('the taxonomy', () => {
  it('has each code once, a wider type that is there, and every purpose of a sober charter', () => {
    const codes = TAXONOMY.map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
    for (const { parent } of TAXONOMY) if (parent !== undefined) expect(codes).toContain(parent);
    for (const purpose of DEFAULT_PURPOSES) expect(codes).toContain(purpose);
  });

  it('leads from a type to the wider ones', () => {
    expect(termWithParents('night-shelter').map(({ code }) => code)).toEqual(['night-shelter', 'shelter']);
    expect(termWithParents('no-such-term')).toEqual([]);
  });
});

describe('an intake profile', () => {
  const question = (type: Question['type'], required = false): Question => ({
    id: 'asked',
    type,
    required,
    labels,
    ...(type.startsWith('choice') && { options: ['one', 'two', 'three'].map((code) => ({ code, labels })) }),
  });
  const problems = (intake: Partial<Intake>, record: object) =>
    intakeProblems({ requires: [], offers: [], questions: [], ...intake }, record as Record<string, unknown>);

  it.each<[Question['type'], readonly string[], readonly string[]]>([
    ['text', ['anything at all'], ['', '  ']],
    ['choice', ['one', 'three'], ['four', 'one two', '']],
    ['choices', ['one', 'one two', 'one two three'], ['two one', 'one one', 'one four', 'one  two', ' one']],
    ['yes-no', ['yes', 'no'], ['maybe', 'Yes', '']],
    ['number', ['0', '12'], ['-1', '01', '1.5', '1e3', '9999999999']],
    ['date', ['2026-11-26'], ['2026-02-30', '26-11-2026', '2026-11-26T00:00']],
  ])('takes an answer of %s in its form alone', (type, good, bad) => {
    const of = (answer: string) => problems({ questions: [question(type)] }, { answers: { asked: answer } });
    for (const answer of good) expect([answer, of(answer)]).toEqual([answer, []]);
    for (const answer of bad)
      expect([answer, of(answer)]).toEqual([answer, [{ question: 'asked', problem: 'invalid' }]]);
  });

  it('needs what it requires, and no answer to what it does not', () => {
    expect(problems({ questions: [question('text')] }, {})).toEqual([]);
    expect(problems({ questions: [question('text', true)] }, {})).toEqual([
      { question: 'asked', problem: 'missing' },
    ]);
    expect(problems({ requires: ['calledName', 'household'] }, { calledName: 'Sam' })).toEqual([
      { field: 'household', problem: 'missing' },
    ]);
  });

  it('is told nothing that it did not ask, but what every service may be told', () => {
    const { answers, ...record } = HANDOFF_RECORD_EXAMPLE;
    const notAsked = problems({ offers: ['household'] }, record).map(({ field }) => field);
    expect(notAsked).toEqual([
      'ageBand',
      'minorCaregiver',
      'genderPronouns',
      'accessibilityNeeds',
      'commune',
      'documentsHeld',
      'relevantHealthFacts',
      'desiredOutcome',
      'availability',
      'attachments',
    ]);
    const [first] = Object.keys(answers ?? {});
    expect(problems({}, { answers: { [first ?? '']: 'x' } })).toEqual([
      { question: first, problem: 'not-asked' },
    ]);
  });
});
