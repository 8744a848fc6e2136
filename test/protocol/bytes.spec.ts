import { describe, expect, it } from '@jest/globals';
import {
  bytesToId,
  compareBytes,
  equalBytes,
  fromBase64,
  fromHex,
  idToBytes,
  isId,
  newId,
} from '../../src/protocol/encoding/bytes.js';

describe('an id', () => {
  const id = newId();

  it('is 36 characters and nothing around them', () => {
    expect(isId(id)).toBe(true);
    const others = [
      `x${id}`,
      `${id}x`,
      `${id}\n`,
      id.replace(/^./, 'A'),
      id.replaceAll('-', ''),
      '',
      7,
      [id],
    ];
    for (const other of others) expect(isId(other)).toBe(false);
  });

  it('goes to its bytes and back, and nothing else does', () => {
    expect(bytesToId(idToBytes(id))).toBe(id);
    expect(() => idToBytes(`${id}0`)).toThrow(expect.objectContaining({ check: 'id' }));
    expect(() => bytesToId(new Uint8Array(17))).toThrow(expect.objectContaining({ check: 'id' }));
  });
});

describe('bytes', () => {
  it.each([
    [[1, 2], [1, 3], -1],
    [[2], [1, 9], 1],
    [[1], [1, 0], -1],
    [[1, 0], [1], 1],
    [[1, 2], [1, 2], 0],
    [[], [0], -1],
  ])('%j against %j are in byte order', (a, b, sign) => {
    expect(Math.sign(compareBytes(Uint8Array.from(a), Uint8Array.from(b)))).toBe(sign);
  });

  it('are equal where every byte and the length are', () => {
    expect(equalBytes(Uint8Array.of(1, 0), Uint8Array.of(1, 0))).toBe(true);
    for (const other of [[1], [1, 0, 0], [1, 1], [0, 0], []])
      expect(equalBytes(Uint8Array.of(1, 0), Uint8Array.from(other))).toBe(false);
  });

  it('are read from hex and base64 in their one form only', () => {
    for (const text of ['0', 'AB', '0g', ' 00', '00 '])
      expect(() => fromHex(text)).toThrow(expect.objectContaining({ check: 'hex' }));
    for (const text of ['AA', 'AA=', 'AB==', 'AA==AA==', 'A-==', 'AAAA\n'])
      expect(() => fromBase64(text)).toThrow(expect.objectContaining({ check: 'base64' }));
    expect(fromBase64('AA==')).toEqual(Uint8Array.of(0));
  });
});
