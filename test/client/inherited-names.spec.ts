import { describe, expect, it } from '@jest/globals';
import { intakeProblems, recordConsent } from '../../src/client/index.js';
import { fill, labelOf, translations } from '../../src/client/translations/translations.js';
import { check } from '../../src/protocol/encoding/check.js';
import { defaultCharter } from '../../src/protocol/registry/charter.js';
import { parseStrict } from '../../src/protocol/encoding/json.js';
import { Code } from '../../src/protocol/schemas/types.js';
import { relais } from '../support/machines/agent.js';

const NAMES = [...Object.getOwnPropertyNames(Object.prototype), 'prototype'];

describe('a name that every object has', () => {
  it.each(NAMES)('%s is no member, no code, no label and no command', (name) => {
    expect(() => parseStrict(`{${JSON.stringify(name)}:1}`)).toThrow('refused: schema');
    expect(check(Code, name)).toBe(false);
    expect(labelOf(translations('fr').fields, name)).toBe(name);
    expect(fill(`{${name}}`, {})).toBe(`{${name}}`);
    const decision = {
      purpose: 'shelter',
      fields: [],
      language: 'fr',
      modality: name as 'spoken',
      representation: 'none',
      alternativesOffered: [],
      teachBack: true,
    } as const;
    expect(() => recordConsent(defaultCharter('x', []), '2026-11-30', decision)).toThrow(
      'refused: consent-record',
    );
  });

  it.each([
    ['constructor'],
    ['toString', '--help'],
    ['log', 'constructor', 'x'],
    ['witness', 'valueOf', '--state', '/x'],
  ])('is no command: relais %s %s', async (...args) => {
    const { code, output } = await relais(args.filter((each) => typeof each === 'string'));
    expect([code, output]).toEqual([2, expect.stringContaining('relais ')]);
  });

  it('answers no question that has not been answered', () => {
    const question = { id: 'valueof', type: 'text', required: true, labels: { fr: 'x' } } as const;
    const named = { ...question, id: 'toString' };
    const problems = intakeProblems(
      { requires: [], offers: [], questions: [question, named] },
      { answers: {} },
    );
    expect(problems.map(({ problem }) => problem)).toEqual(['missing', 'missing']);
  });
});
