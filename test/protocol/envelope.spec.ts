import fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { concat, equalBytes, randomBytes, utf8 } from '../../src/protocol/encoding/bytes.js';
import { openBody } from '../../src/protocol/crypto/body-open.js';
import { bodyKeys, chunkNonce } from '../../src/protocol/crypto/body-key.js';
import { sealBody } from '../../src/protocol/crypto/body-seal.js';
import { boxKey, type BoxKey } from '../../src/protocol/crypto/keys.js';
import { sealBase } from '../../src/protocol/crypto/hpke-seal.js';
import { sodium } from '../../src/protocol/crypto/sodium.js';
import { sha256 } from '../../src/protocol/crypto/sha256.js';
import {
  digestOf,
  isBucketLength,
  KIND,
  makeContext,
  padContent,
  padme,
  parseContext,
  ROLE,
  sameRecipients,
  sortRecipients,
  wrapInfo,
} from '../../src/protocol/envelope/envelope.js';
import { Refused } from '../../src/protocol/encoding/errors.js';
import { openContent, ownEntry, unwrap } from '../../src/protocol/envelope/open-envelope.js';
import { sealEnvelope, type SealedEnvelope } from '../../src/protocol/envelope/seal-envelope.js';

const RUNS = { numRuns: 40, seed: 20261124 };
const keys = [ROLE.receiver, ROLE.sender, ROLE.person].map((role) => ({
  role,
  own: boxKey(randomBytes(32)),
}));

function seal(content: Uint8Array, recipients = keys): SealedEnvelope {
  return sealEnvelope({
    kind: KIND.handoff,
    referral: randomBytes(16),
    consent: randomBytes(32),
    recipients: recipients.map(({ role, own }) => ({ role, publicKey: own.publicKey })),
    content: () => content,
  });
}

/** As an opener does it, the statements aside. */
function open(
  { ctx, wraps, body }: Pick<SealedEnvelope, 'ctx' | 'wraps' | 'body'>,
  role: number,
  own: BoxKey,
): Uint8Array {
  const { recipients, kind } = parseContext(ctx);
  const at = ownEntry(recipients, role, own);
  const recipient = recipients[at] as (typeof recipients)[number];
  const ctxHash = sha256(ctx);
  return openContent(kind, unwrap(own, ctxHash, recipient, wraps[at] ?? new Uint8Array(0)), ctxHash, body);
}

describe('an envelope', () => {
  it('opens for each recipient to exactly what was sealed, and has one of four lengths', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 65_532 }),
        fc.subarray(keys, { minLength: 1 }),
        (content, recipients) => {
          const sealed = seal(content, recipients);
          expect(isBucketLength(sealed.body.length)).toBe(true);
          expect(isBucketLength(sealed.body.length + 1)).toBe(false);
          for (const { role, own } of recipients)
            expect(equalBytes(open(sealed, role, own), content)).toBe(true);
        },
      ),
      RUNS,
    );
  });

  it('opens when its content fills it to the last byte, and is not made for one byte more', () => {
    const [{ role, own }] = keys as [(typeof keys)[number]];
    for (const length of [4092, 8188, 16_380, 65_532]) {
      const sealed = seal(new Uint8Array(length).fill(7));
      expect(open(sealed, role, own)).toHaveLength(length);
    }
    expect(() => seal(new Uint8Array(65_533))).toThrow(expect.objectContaining({ check: 'too-large' }));
  });

  it('is another one each time, though everything is the same', () => {
    const [first, second] = [seal(utf8('same')), seal(utf8('same'))];
    expect(first.body).not.toEqual(second.body);
    expect(first.wraps[0]).not.toEqual(second.wraps[0]);
  });

  it('opens for nobody else, and for nobody in another role', () => {
    const sealed = seal(utf8('for three'));
    const stranger = boxKey(randomBytes(32));
    expect(() => open(sealed, ROLE.receiver, stranger)).toThrow(
      expect.objectContaining({ check: 'ctx-recipients' }),
    );
    const [receiver] = keys as [(typeof keys)[number]];
    expect(() => open(sealed, ROLE.sender, receiver.own)).toThrow(Refused);
  });

  it('does not open after any byte of any class has changed', () => {
    const sealed = seal(utf8('the content'));
    const places: Record<string, (at: number) => Pick<SealedEnvelope, 'ctx' | 'wraps' | 'body'>> = {
      ctx: (at) => ({ ...sealed, ctx: flip(sealed.ctx, at) }),
      wrap: (at) => ({ ...sealed, wraps: sealed.wraps.map((wrap, i) => (i === 0 ? flip(wrap, at) : wrap)) }),
      body: (at) => ({ ...sealed, body: flip(sealed.body, at) }),
    };
    // ctx: label, suite, kind, referral, envelope, consent, count, own entry · wrap: ML-KEM, X25519,
    // ciphertext, tag · body: salt, commitment, chunk, tag.
    const classes = {
      ctx: [0, 18, 19, 20, 21, 37, 53, 85, 86, 87, sealed.ctx.length - 1],
      wrap: [0, 1000, 1088, 1119, 1120, 1152, 1167],
      body: [0, 31, 32, 63, 64, 2000, sealed.body.length - 16, sealed.body.length - 1],
    };
    const [{ role, own }] = keys as [(typeof keys)[number]];
    for (const [where, offsets] of Object.entries(classes))
      for (const at of offsets) expect(() => open(places[where]?.(at) ?? sealed, role, own)).toThrow();
    expect(open(sealed, role, own)).toEqual(utf8('the content'));
  });

  it('signs with its digest every wrap and the whole body', () => {
    const { ctx, wraps, body, digest } = seal(utf8('x'));
    const of = (b: Uint8Array, w: readonly Uint8Array[]): Uint8Array =>
      digestOf(sha256(ctx), b, w.map(sha256));
    expect(of(body, wraps)).toEqual(digest);
    expect(of(flip(body, 70), wraps)).not.toEqual(digest);
    expect(of(body, [...wraps].reverse())).not.toEqual(digest);
    expect(of(body, wraps.slice(1))).not.toEqual(digest);
  });

  it('refuses chunks that are cut off, changed over, or follow the last', () => {
    const [cek, ctxHash] = [randomBytes(32), randomBytes(32)];
    const content = Uint8Array.from({ length: 200_000 }, (_, i) => i & 255);
    const body = sealBody(cek, ctxHash, padContent(KIND.attachment, content));
    expect(openContent(KIND.attachment, cek, ctxHash, body)).toEqual(content);
    const chunk = 65_552;
    const chunks = [0, 1, 2, 3].map((j) => body.slice(64 + j * chunk, 64 + (j + 1) * chunk));
    const head = body.slice(0, 64);
    const [a, b, c, d] = chunks as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    for (const bent of [[a, b, c], [b, a, c, d], [a, b, c, d, d], [a, a, c, d], [d]])
      expect(() => openBody(cek, ctxHash, concat(head, ...bent))).toThrow(Refused);
    expect(() => openBody(cek, ctxHash, head)).toThrow(expect.objectContaining({ check: 'commitment' }));
  });

  it('refuses every other padding of the same content', () => {
    const [cek, ctxHash] = [randomBytes(32), randomBytes(32)];
    const opened = (padded: Uint8Array) => () =>
      openContent(KIND.handoff, cek, ctxHash, sealBody(cek, ctxHash, padded));
    const good = padContent(KIND.handoff, utf8('abc'));
    expect(opened(good)()).toEqual(utf8('abc'));
    const dirty = Uint8Array.from(good);
    dirty[4000] = 1;
    expect(opened(dirty)).toThrow(expect.objectContaining({ check: 'zeros' }));
    expect(opened(concat(good, new Uint8Array(4096)))).toThrow(expect.objectContaining({ check: 'bucket' }));
    expect(opened(Uint8Array.of(0, 0, 255, 255, ...new Uint8Array(4092)))).toThrow(
      expect.objectContaining({ check: 'prefix' }),
    );
    expect(opened(Uint8Array.of(0, 0))).toThrow(expect.objectContaining({ check: 'prefix' }));
    const huge = new Uint8Array(131_072);
    new DataView(huge.buffer).setUint32(0, 70_000);
    expect(opened(huge)).toThrow(expect.objectContaining({ check: 'bucket' }));
  });

  it('refuses a wrap of anything but a content key', () => {
    const { own } = keys[0] as (typeof keys)[number];
    const ctxHash = randomBytes(32);
    const recipient = { role: ROLE.receiver, keyId: own.id };
    expect(() => unwrap(own, ctxHash, recipient, new Uint8Array(10))).toThrow(Refused);
    const short = sealBase(own.publicKey, wrapInfo(ctxHash, recipient), randomBytes(31));
    expect(() => unwrap(own, ctxHash, recipient, short)).toThrow(expect.objectContaining({ check: 'hpke' }));
  });
});

/**
 * One ciphertext that decrypts under two keys: with ChaCha20-Poly1305 such pairs can be made; the commitment
 * tells.
 */
describe('a salamander', () => {
  it('is refused: a body commits to the one key that opens it', () => {
    const ctxHash = randomBytes(32);
    const [first, second] = [randomBytes(32), randomBytes(32)];
    const salt = randomBytes(32);
    const keysOf = (cek: Uint8Array) => bodyKeys(cek, salt, ctxHash);
    const nonce = chunkNonce(0, true);
    const chunk = sodium.crypto_aead_chacha20poly1305_ietf_encrypt(
      new Uint8Array(4096),
      null,
      null,
      nonce,
      keysOf(second).key,
    );
    // The tag fits the second reader's key, the commitment the first one's: each is refused where it does not
    // fit.
    const body = concat(salt, keysOf(first).commit, chunk);
    expect(() => openBody(second, ctxHash, body)).toThrow(expect.objectContaining({ check: 'commitment' }));
    expect(() => openBody(first, ctxHash, body)).toThrow(expect.objectContaining({ check: 'chunk' }));
    expect(openBody(second, ctxHash, concat(salt, keysOf(second).commit, chunk))).toHaveLength(4096);
  });
});

describe('a context', () => {
  const context = {
    kind: KIND.handoff,
    referral: randomBytes(16),
    envelope: randomBytes(16),
    consent: randomBytes(32),
    recipients: keys.map(({ role, own }) => ({ role, keyId: own.id })),
  };

  it('is read back as it was made', () => {
    expect(parseContext(makeContext(context))).toEqual(context);
  });

  it('is refused with no recipient, too many, twice the same, an unknown role, or an unknown kind', () => {
    const entry = { role: ROLE.receiver, keyId: randomBytes(32) };
    const bent = [
      { ...context, recipients: [] },
      { ...context, recipients: Array.from({ length: 17 }, () => ({ ...entry, keyId: randomBytes(32) })) },
      { ...context, recipients: [entry, entry] },
      { ...context, recipients: [{ ...entry, role: 9 as 1 }] },
      { ...context, kind: 4 as 1 },
      { ...context, kind: KIND.attachment },
    ];
    for (const each of bent) expect(() => parseContext(makeContext(each))).toThrow(Refused);
    expect(() => parseContext(new Uint8Array(10))).toThrow(Refused);
  });

  it('holds sixteen recipients, and exactly as many as it says', () => {
    const recipients = sortRecipients(
      Array.from({ length: 16 }, () => ({ role: ROLE.receiver, keyId: randomBytes(32) })),
    );
    const bytes = makeContext({ ...context, recipients });
    expect(parseContext(bytes).recipients).toEqual(recipients);
    const saying = (count: number) => bytes.map((byte, i) => (i === 85 ? count : byte));
    for (const bent of [saying(15), saying(17), concat(bytes, Uint8Array.of(ROLE.auditor))])
      expect(() => parseContext(bent)).toThrow(expect.objectContaining({ check: 'ctx-form' }));
  });

  it('is the same in whatever order its recipients are named', () => {
    const { recipients } = context;
    for (const named of [
      recipients.toReversed(),
      [recipients[1], recipients[2], recipients[0]] as typeof recipients,
    ]) {
      expect(makeContext({ ...context, recipients: named })).toEqual(makeContext(context));
      expect(sameRecipients(named, recipients)).toBe(true);
    }
    const swapped = recipients.map((each, i) => ({ ...each, role: i === 2 ? ROLE.auditor : each.role }));
    expect(sameRecipients(swapped, recipients)).toBe(false);
  });
});

describe('Padmé', () => {
  it('adds at most an eighth, and never takes away', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4096, max: 20_000_000 }), (length) => {
        expect(padme(length)).toBeGreaterThanOrEqual(length);
        expect(padme(length)).toBeLessThanOrEqual(length * 1.12);
        expect(padme(padme(length))).toBe(padme(length));
      }),
      RUNS,
    );
  });
});

function flip(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
}
