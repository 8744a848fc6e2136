import { describe, expect, it } from '@jest/globals';
import { wholeNumber } from '../../src/protocol/encoding/whole-number.js';

describe('a whole number', () => {
  it.each(['0', '1', '42', '9007199254740991'])('is %s', (text) => {
    expect(wholeNumber(text, 0, Number.MAX_SAFE_INTEGER)).toBe(Number(text));
  });

  it.each([
    '',
    ' 5',
    '5 ',
    '+5',
    '-5',
    '05',
    '0x10',
    '1e1',
    '5.0',
    '1_0',
    '٥',
    'NaN',
    '9007199254740993',
    5,
    null,
    ['5'],
  ])('is not %p', (text) => {
    expect(wholeNumber(text, -10, Number.MAX_SAFE_INTEGER)).toBeUndefined();
  });

  it('is within its bounds', () => {
    expect([wholeNumber('1', 2, 3), wholeNumber('2', 2, 3), wholeNumber('4', 2, 3)]).toEqual([
      undefined,
      2,
      undefined,
    ]);
  });
});
