import fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { deriveReceipt, newCode, parseCode, requireCode } from '../../src/protocol/encoding/codes.js';
import { decodeBase64 } from '../../src/protocol/encoding/base64.js';
import * as browser from '../../src/protocol/encoding/base64.browser.js';
import {
  fromBase64,
  fromBase64url,
  fromHex,
  idToBytes,
  newId,
  bytesToId,
  toBase64,
  toBase64url,
  toHex,
} from '../../src/protocol/encoding/bytes.js';
import { Refused } from '../../src/protocol/encoding/errors.js';
import { isInherited, parseStrict } from '../../src/protocol/encoding/json.js';

const RUNS = { numRuns: 300, seed: 20261124 };
const SYMBOLS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const place = fc.integer({ min: 0, max: 24 });
const symbol = fc.constantFrom(...Array.from(SYMBOLS));

function changed(code: string, at: number, to: string): string {
  const bare = code.replaceAll('-', '');
  return `${bare.slice(0, at)}${to}${bare.slice(at + 1)}`;
}

describe('a code', () => {
  it('with one wrong symbol is noticed, and offered back', () => {
    const code = newCode();
    fc.assert(
      fc.property(place, symbol, (at, to) => {
        const typed = changed(code, at, to);
        const read = parseCode(typed);
        if (typed === code.replaceAll('-', '')) expect(read).toHaveProperty('canonical');
        else expect(read).toEqual({ suggestion: code });
      }),
      RUNS,
    );
  });

  it('with two wrong symbols is always noticed', () => {
    const code = newCode();
    fc.assert(
      fc.property(place, symbol, place, symbol, (first, a, second, b) => {
        const typed = changed(changed(code, first, a), second, b);
        if (typed !== code.replaceAll('-', '')) expect(parseCode(typed)).not.toHaveProperty('canonical');
      }),
      RUNS,
    );
  });

  it('is read however it is spaced and cased', () => {
    const code = newCode();
    for (const typed of [
      code.toLowerCase(),
      code.replaceAll('-', ' '),
      code.replaceAll('-', '–'),
      `  ${code} `,
    ])
      expect(requireCode(typed)).toBe(requireCode(code));
  });

  it('gives a key to read with that depends on the word, and one to withdraw with that does not', async () => {
    const canonical = requireCode(newCode());
    const [bare, empty, locked] = await Promise.all([
      deriveReceipt(canonical),
      deriveReceipt(canonical, '   '),
      deriveReceipt(canonical, 'étoile'),
    ]);
    expect(empty.read.kid).toBe(bare.read.kid);
    expect(locked.sign.kid).toBe(bare.sign.kid);
    expect(locked.read.kid).not.toBe(bare.read.kid);
    expect(locked.box.id).not.toEqual(bare.box.id);
  });
});

describe('texts for bytes', () => {
  it('are read back, and have one form', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(fromBase64url(toBase64url(bytes))).toEqual(bytes);
        expect(fromBase64(toBase64(bytes))).toEqual(bytes);
        expect(fromHex(toHex(bytes))).toEqual(bytes);
      }),
      RUNS,
    );
    for (const bad of ['A', 'AB', 'AAB', 'A=', 'A A', 'AA==', 'é'])
      expect(() => fromBase64url(bad)).toThrow(Refused);
    for (const bad of ['A', 'AB==', 'AAB=', 'AA', 'AA=A', '====', 'A==='])
      expect(() => fromBase64(bad)).toThrow(Refused);
    for (const bad of ['0', 'AB', 'zz']) expect(() => fromHex(bad)).toThrow(Refused);
  });

  it('are the same in browsers, which have no Buffer', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70_000 }), (bytes) => {
        expect(browser.encodeBase64(bytes)).toBe(toBase64(bytes));
        expect(browser.encodeBase64url(bytes)).toBe(toBase64url(bytes));
        for (const text of [toBase64(bytes), toBase64url(bytes)])
          expect(browser.decodeBase64(text)).toEqual(decodeBase64(text));
      }),
      { numRuns: 20 },
    );
    const long = new Uint8Array(100_000).fill(7);
    expect(browser.decodeBase64(browser.encodeBase64(long))).toEqual(long);
  });

  it('are ids of 16 bytes, or refused', () => {
    const id = newId();
    expect(bytesToId(idToBytes(id))).toBe(id);
    expect(() => idToBytes(id.toUpperCase().replace(/\d/g, 'A'))).toThrow(Refused);
    expect(() => bytesToId(new Uint8Array(15))).toThrow(Refused);
  });
});

describe('strict JSON', () => {
  it('refuses text with half a character, in a name as in a value', () => {
    for (const text of ['"\ud800"', '{"\udc00":1}']) expect(() => parseStrict(text)).toThrow(Refused);
  });

  it('reads what JSON.parse reads, where that is unambiguous', () => {
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.string().filter((text) => !text.includes('\u0000') && text.isWellFormed()),
        fc.nat(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.string({ unit: 'grapheme' }).filter(isPlainName), tie('value'), { maxKeys: 4 }),
      ),
    })).value;
    fc.assert(
      fc.property(value, (each) => {
        expect(JSON.stringify(parseStrict(JSON.stringify(each)))).toBe(JSON.stringify(each));
        expect(JSON.stringify(parseStrict(JSON.stringify(each, null, 2)))).toBe(JSON.stringify(each));
      }),
      RUNS,
    );
  });

  it.each([
    '{"a":1,"a":1}',
    '{"a":1,"\\u0061":2}',
    '{"__proto__":1}',
    '{"toString":1}',
    '{"\\u0068asOwnProperty":1}',
    '{"constructor":1}',
    '1.0',
    '1e3',
    '-1',
    '-0',
    '9007199254740992',
    '"\\u0000"',
    '"\\ud800"',
    '{',
    '',
    '\ufeff{}',
    `${'['.repeat(18)}${']'.repeat(18)}`,
  ])('refuses %s', (text) => {
    expect(() => parseStrict(text)).toThrow(Refused);
  });

  it('refuses bytes that are no UTF-8', () => {
    expect(() => parseStrict(Uint8Array.of(0x22, 0xff, 0x22))).toThrow(Refused);
  });
});

function isPlainName(name: string): boolean {
  return !isInherited(name) && !name.includes('\u0000') && name.isWellFormed();
}
