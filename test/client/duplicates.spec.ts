import { describe, expect, it } from '@jest/globals';
import { isNear, plainForm } from '../../src/client/referral/text.js';

describe('two names', () => {
  it.each([
    ['Ångström Élise', 'angstrom elise'],
    ['  SAM  ', 'sam'],
    ['Jean-Pierre', 'jean pierre'],
    ['ﬁona', 'fiona'],
    ['Ｓａｍ', 'sam'],
  ])('%s and %s have one plain form', (a, b) => {
    expect(plainForm(a)).toBe(plainForm(b));
  });

  it.each([
    ['mohamed', 'mohammed'],
    ['elise angstrom', 'angstrom elise'],
    ['fatima', 'fatimah'],
    ['alexandra', 'aleksandra'],
  ])('%s and %s are near', (a, b) => {
    expect(isNear(a, b) && isNear(b, a)).toBe(true);
  });

  it.each([
    ['sam', 'pam'],
    ['sam', ''],
    ['fatima', 'farida'],
    ['mohamed', 'ahmed'],
  ])('%s and %s are not', (a, b) => {
    expect(isNear(a, b) || isNear(b, a)).toBe(false);
  });
});
