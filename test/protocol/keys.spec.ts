import fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { concat, fromBase64url, randomBytes, utf8 } from '../../src/protocol/encoding/bytes.js';
import { verifyEd25519 as verifyInBrowser } from '../../src/protocol/crypto/ed25519.browser.js';
import { sealBase } from '../../src/protocol/crypto/hpke-seal.js';
import {
  boxKey,
  isUsableBox,
  requireGoodKey,
  signBytes,
  signingKey,
  verifyBytes,
} from '../../src/protocol/crypto/keys.js';
import { Refused } from '../../src/protocol/encoding/errors.js';
import { SMALL_ORDER } from '../support/requests/small-order.js';

/** Of the group that Ed25519 signs in (RFC 8032, section 5.1). */
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const key = signingKey(randomBytes(32));

describe('a signature', () => {
  it('verifies on every platform, or on none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(63), (message, at) => {
        const signature = signBytes(message, key);
        const bent = [flip(signature, at), plusOrder(signature)];
        for (const each of [signature, ...bent]) {
          const isGood = each === signature;
          expect(verifyBytes(each, message, key.publicKey)).toBe(isGood);
          expect(verifyInBrowser(each, message, key.publicKey)).toBe(isGood);
        }
      }),
    );
    expect(verifyBytes(signBytes(utf8('x'), key).slice(0, 63), utf8('x'), key.publicKey)).toBe(false);
  });

  it('with a point of small order is none, on every platform', () => {
    for (const point of SMALL_ORDER.map(fromBase64url))
      for (const half of [new Uint8Array(32), signBytes(utf8('x'), key).slice(32)])
        for (const verify of [verifyBytes, verifyInBrowser])
          expect(verify(concat(point, half), utf8('x'), key.publicKey)).toBe(false);
  });

  it('is verified by any number of keys, one after another', () => {
    const keys = Array.from({ length: 1100 }, () => signingKey(randomBytes(32)));
    for (const each of [...keys, keys[0] ?? key])
      expect(verifyBytes(signBytes(utf8('x'), each), utf8('x'), each.publicKey)).toBe(true);
  });
});

describe('a key', () => {
  it('is good, however many others were seen meanwhile', () => {
    const keys = Array.from({ length: 1100 }, () => signingKey(randomBytes(32)).publicKey);
    for (const each of [...keys, keys[0] ?? key.publicKey]) expect(requireGoodKey(each)).toBe(each);
  });

  it('of small order is refused, and verifies nothing', () => {
    const signature = concat(Uint8Array.of(1), new Uint8Array(63));
    for (const small of SMALL_ORDER.map(fromBase64url)) {
      expect(() => requireGoodKey(small)).toThrow(Refused);
      expect(verifyBytes(signature, utf8('anything'), small)).toBe(false);
    }
    expect(() => requireGoodKey(new Uint8Array(31))).toThrow(Refused);
  });
});

/** The same signature to whoever does not ask that S be below the order. */
function plusOrder(signature: Uint8Array): Uint8Array {
  const s = BigInt(`0x${Buffer.from(signature.slice(32)).reverse().toString('hex')}`) + ORDER;
  return concat(signature.slice(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse());
}

function flip(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
}

describe('a box key', () => {
  it('is one that can be sealed to, or refused as none', () => {
    expect(isUsableBox(boxKey(randomBytes(32)).publicKey)).toBe(true);
    for (const bytes of [new Uint8Array(3), new Uint8Array(1216).fill(255)]) {
      expect(isUsableBox(bytes)).toBe(false);
      expect(() => sealBase(bytes, utf8('x'), utf8('y'))).toThrow(new Refused('box-key'));
    }
  });
});
