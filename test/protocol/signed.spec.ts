import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { toBase64url, utf8 } from '../../src/protocol/encoding/bytes.js';
import { signBytes, signingKey, type SigningKey } from '../../src/protocol/crypto/keys.js';
import { Refused } from '../../src/protocol/encoding/errors.js';
import { SIGNED_EXAMPLES } from '../../src/protocol/schemas/examples.js';
import { SIGNED, type Payload, type SignedTyp } from '../../src/protocol/schemas/signed.js';
import {
  hashText,
  readHeader,
  readUnverified,
  sign,
  verifySigned,
} from '../../src/protocol/encoding/signed.js';
import { freshKey } from '../support/network/founders.js';

const RUNS = { numRuns: 60, seed: 20261124 };
const TYPS = Object.keys(SIGNED) as SignedTyp[];
const key = freshKey();
const ring = new Map([[key.kid, key.publicKey]]);

/** A JWS whose header and payload are as somebody else would write them, rightly signed. */
function signRaw(header: string, body: string, by: SigningKey = key): string {
  const signed = `${toBase64url(utf8(header))}.${toBase64url(utf8(body))}`;
  return `${signed}.${toBase64url(signBytes(utf8(signed), by))}`;
}

function header(members: Partial<Record<'alg' | 'typ' | 'kid', string>> = {}): string {
  return JSON.stringify({ alg: 'Ed25519', typ: 'message+jws', kid: key.kid, ...members });
}

const body = JSON.stringify(SIGNED_EXAMPLES['message+jws']);

describe('a signed object', () => {
  it.each(TYPS)('of the kind %s is read as it was signed, and as no other kind', (typ) => {
    const text = sign(typ, SIGNED_EXAMPLES[typ] as Payload<SignedTyp>, key);
    expect(verifySigned(text, typ, ring)).toEqual({ kid: key.kid, payload: SIGNED_EXAMPLES[typ] });
    expect(readHeader(text)).toEqual({ alg: 'Ed25519', typ, kid: key.kid });
    expect(readUnverified(text).payload).toEqual(SIGNED_EXAMPLES[typ]);
    for (const other of TYPS.filter((one) => one !== typ))
      expect(() => verifySigned(text, other, ring)).toThrow(expect.objectContaining({ check: 'typ' }));
  });

  it('holds for whatever text was signed, by whatever key', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 200 }).filter((text) => !text.includes('\0')),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        (text, seed) => {
          const by = signingKey(seed);
          const payload = { ...SIGNED_EXAMPLES['message+jws'], text };
          const jws = sign('message+jws', payload, by);
          expect(verifySigned(jws, 'message+jws', new Map([[by.kid, by.publicKey]])).payload).toEqual(
            payload,
          );
          expect(() => verifySigned(jws, 'message+jws', ring)).toThrow(
            expect.objectContaining({ check: 'kid' }),
          );
        },
      ),
      RUNS,
    );
  });

  it('does not survive the change of one character, wherever it stands', () => {
    const text = sign('message+jws', SIGNED_EXAMPLES['message+jws'], key);
    fc.assert(
      fc.property(
        fc.nat(text.length - 1),
        fc.constantFrom('A', 'Q', 'g', 'w', '_', '-', '.', '=', '+', ' ', '\n'),
        (at, character) => {
          fc.pre(text[at] !== character);
          const other = text.slice(0, at) + character + text.slice(at + 1);
          expect(() => verifySigned(other, 'message+jws', ring)).toThrow(Refused);
        },
      ),
      { ...RUNS, numRuns: 400 },
    );
  });

  it('does not survive one character more or less', () => {
    const text = sign('message+jws', SIGNED_EXAMPLES['message+jws'], key);
    for (let at = 0; at <= text.length; at++) {
      const shorter = text.slice(0, at) + text.slice(at + 1);
      const longer = `${text.slice(0, at)}A${text.slice(at)}`;
      if (at < text.length) expect(() => verifySigned(shorter, 'message+jws', ring)).toThrow(Refused);
      expect(() => verifySigned(longer, 'message+jws', ring)).toThrow(Refused);
    }
  });

  it.each([
    ['header', header({ alg: 'EdDSA', typ: 'x'.repeat(256) })],
    ['header', ` ${header()}`],
    ['header', header().replace('}', ',"crit":[]}')],
    ['header', `{"typ":"message+jws","alg":"Ed25519","kid":"${key.kid}"}`],
    ['header', header({ kid: key.kid.slice(1) })],
    ['header', ''],
    ['alg', header({ alg: 'none' })],
    ['alg', header({ alg: 'EdDSA' })],
    ['typ', header({ typ: 'JWT' })],
  ])('is refused at its %s: %s', (check, written) => {
    expect(() => verifySigned(signRaw(written, body), 'message+jws', ring)).toThrow(
      expect.objectContaining({ check }),
    );
  });

  it.each([
    ['json', '{'],
    ['json', `${body} x`],
    ['duplicate-member', `{"text":"a",${body.slice(1)}`],
    ['duplicate-member', `{"\\u0074ext":"a",${body.slice(1)}`],
    ['schema', '{}'],
    ['schema', 'null'],
    ['schema', body.replace('"number":1', '"number":1.0')],
  ])('is refused at its payload, although the signature holds (%s): %s', (check, written) => {
    expect(() => verifySigned(signRaw(header(), written), 'message+jws', ring)).toThrow(
      expect.objectContaining({ check }),
    );
  });

  it('has the hash of its text, so of its signature too', () => {
    const payload = SIGNED_EXAMPLES['message+jws'];
    const [one, other] = [sign('message+jws', payload, key), sign('message+jws', payload, freshKey())];
    expect(hashText(one)).toHaveLength(32);
    expect(hashText(one)).not.toEqual(hashText(other));
  });

  it('is not believed because somebody put a wrong key under its kid', () => {
    const text = sign('message+jws', SIGNED_EXAMPLES['message+jws'], key);
    const stranger = freshKey();
    const forged = signRaw(header(), body, stranger);
    for (const jws of [text, forged])
      expect(() => verifySigned(jws, 'message+jws', new Map([[key.kid, stranger.publicKey]]))).toThrow(
        expect.objectContaining({ check: 'kid' }),
      );
  });
});
