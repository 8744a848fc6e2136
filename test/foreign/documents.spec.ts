import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import reasonCodes from '../../src/protocol/referral/reason-codes.json' with { type: 'json' };
import { MODALITIES, REPRESENTATIONS, ConsentRecord } from '../../src/protocol/schemas/consent-record.js';
import { HANDOFF_FIELDS } from '../../src/protocol/schemas/handoff-record.js';

const CHAPTERS = new URL('../../docs/protocol/', import.meta.url);
const PAGES = readdirSync(CHAPTERS).map((name) => readFileSync(new URL(name, CHAPTERS), 'utf8'));
const WORDS = new Set(PAGES.join('\n').match(/[A-Za-z][A-Za-z-]*/g));

/** What a partner can only guess, or find out from a receiver that refuses, unless the chapters say it. */
describe('docs/protocol', () => {
  const { rejected, cancelled, failed, completed } = reasonCodes;
  it.each([
    ['a consent record', Object.keys(ConsentRecord.properties)],
    ['how a person may consent', [...MODALITIES, ...REPRESENTATIONS]],
    ['a record', HANDOFF_FIELDS],
    ['why a referral ends', [...rejected, ...cancelled, ...failed, ...completed]],
    ['why a referral waits or was an error', [...reasonCodes['on-hold'], ...reasonCodes['entered-in-error']]],
  ])('names every word of %s', (_, words: readonly string[]) => {
    expect(words.filter((word) => !WORDS.has(word))).toEqual([]);
  });
});
