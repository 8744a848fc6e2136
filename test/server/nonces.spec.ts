import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { uint64be } from '../../src/protocol/encoding/bytes.js';
import { sha256 } from '../../src/protocol/crypto/sha256.js';
import { Nonces } from '../../src/server/auth/nonces.js';

const MINUTE_MS = 60_000;
const proof = (n: number): Uint8Array => sha256(uint64be(BigInt(n)));

describe('nonces', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('take a proof once, and none under a nonce of nobody or of another process', () => {
    const [here, elsewhere] = [new Nonces(), new Nonces()];
    expect(here.take(here.current(), proof(1))).toBe('first');
    expect(here.take(here.current(), proof(1))).toBe('again');
    for (const nonce of [elsewhere.current(), '', undefined, null, 0, {}, 'A'.repeat(22)])
      expect(here.take(nonce, proof(2))).toBe('stale');
  });

  it('are good for two windows, in which a proof stays shown, and then stale', () => {
    const nonces = new Nonces();
    const nonce = nonces.current();
    expect(nonces.take(nonce, proof(1))).toBe('first');
    jest.advanceTimersByTime(3 * MINUTE_MS);
    expect(nonces.current()).not.toBe(nonce);
    expect(nonces.take(nonce, proof(1))).toBe('again');
    expect(nonces.take(nonce, proof(2))).toBe('first');
    jest.advanceTimersByTime(MINUTE_MS);
    for (const shown of [proof(1), proof(3)]) expect(nonces.take(nonce, shown)).toBe('stale');
  });

  it('grow no older where nobody asked for one in between', () => {
    const nonces = new Nonces();
    const nonce = nonces.current();
    jest.advanceTimersByTime(60 * MINUTE_MS);
    nonces.current();
    expect(nonces.take(nonce, proof(1))).toBe('stale');
  });

  it('do not heed a clock that is set', () => {
    const nonces = new Nonces();
    const nonce = nonces.current();
    expect(nonces.take(nonce, proof(1))).toBe('first');
    for (const days of [-400, 400]) {
      jest.setSystemTime(Date.now() + days * 1440 * MINUTE_MS);
      expect(nonces.current()).toBe(nonce);
      expect(nonces.take(nonce, proof(1))).toBe('again');
    }
  });

  it('end early in a flood: memory has a bound, nobody is refused for it, and nothing is forgotten that would still be taken', () => {
    const nonces = new Nonces();
    const given = new Map<string, number>();
    let taken = 0;
    for (let n = 0; n < 250_000; n++) {
      const nonce = nonces.current();
      if (nonces.take(nonce, proof(n)) === 'first') taken++;
      if (!given.has(nonce)) given.set(nonce, n);
    }
    expect([taken, given.size]).toEqual([250_000, 3]);
    const again = [...given].map(([nonce, n]) => nonces.take(nonce, proof(n)));
    expect(again).toEqual(['stale', 'again', 'again']);
  });

  it('take no more under an old nonce than its bound', () => {
    const nonces = new Nonces();
    const nonce = nonces.current();
    jest.advanceTimersByTime(2 * MINUTE_MS);
    nonces.current();
    const taken = Array.from({ length: 100_001 }, (_, n) => nonces.take(nonce, proof(n)));
    expect([taken.at(-2), taken.at(-1)]).toEqual(['first', 'stale']);
  });
});
