import fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { newCode, requireCode } from '../../src/protocol/encoding/codes.js';
import { normaliseCode, normaliseKey, normaliseWord } from '../../src/protocol/encoding/typed.js';
import { anyText } from '../support/requests/odd-texts.js';

const RUNS = { numRuns: 2000, seed: 20261130 };

/**
 * Numbering systems whose digits the engine knows by name: an oracle that is not Unicode’s list of digits.
 */
const digitsOf = (system: string): string[] =>
  Array.from({ length: 10 }, (_, i) => new Intl.NumberFormat(`en-u-nu-${system}`).format(i));
const SYSTEMS = Intl.supportedValuesOf('numberingSystem').filter((system) =>
  digitsOf(system).every((digit) => /^\p{Nd}$/u.test(digit)),
);

describe('a code that was typed', () => {
  it.each(SYSTEMS)('is read in the digits of %s', (system) => {
    const digits = digitsOf(system);
    const code = newCode();
    expect(normaliseCode(digits.join(''))).toBe('0123456789');
    expect(requireCode(code.replace(/[0-9]/g, (digit) => digits[Number(digit)] ?? ''))).toBe(
      requireCode(code),
    );
  });

  it('is read whatever stands between and around its signs', () => {
    const code = newCode();
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom(
            ...Array.from(' \t\n.-–—_/:;,،。·*\u200e\u200f\u202a\u2066\u2069\ufeff\u00a0\u00ad\u200b|"’«»'),
          ),
          { maxLength: 4 },
        ),
        (marks) => {
          const between = marks.join('');
          expect(requireCode(between + Array.from(code).join(between) + between)).toBe(requireCode(code));
        },
      ),
      RUNS,
    );
  });
});

describe('a key that was copied', () => {
  it('is the same with spaces, dashes of another kind and signs that nobody sees', () => {
    expect(normaliseKey(' \u200eage‑secret–key−PQ-1\u200bab c\n')).toBe('AGE-SECRET-KEY-PQ-1ABC');
  });
});

describe('a person’s word', () => {
  it('is the same in every case, and its one form is its own', () => {
    fc.assert(
      fc.property(anyText, (word) => {
        const form = normaliseWord(word);
        expect(normaliseWord(form)).toBe(form);
        for (const other of [
          word.toUpperCase(),
          word.toLowerCase(),
          word.toLocaleUpperCase('tr'),
          word.toLocaleLowerCase('tr'),
          word.normalize('NFD'),
          word.normalize('NFC'),
          ` \u200f${word}\u200e `,
        ])
          expect(normaliseWord(other)).toBe(form);
      }),
      RUNS,
    );
  });

  it('keeps what makes it a word', () => {
    expect(new Set(['café', 'cafe', 'caffe', 'ca fe', 'ca-fe', "ca'fe"].map(normaliseWord)).size).toBe(6);
    expect(['!!!', '…', '❤'].map(normaliseWord)).toEqual(['!!!', '...', '❤']);
    expect(['', ' ', '\u200f', '\u200b\u00ad'].map(normaliseWord)).toEqual(['', '', '', '']);
  });
});
