import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { KIND, ROLE } from '../../src/protocol/envelope/envelope.js';
import { boxKey } from '../../src/protocol/crypto/keys.js';
import { openAuditAnswer } from '../../src/protocol/envelope/open-audit-answer.js';
import { drawLeaves } from '../../src/protocol/audit/sampling.js';
import { sealEnvelope } from '../../src/protocol/envelope/seal-envelope.js';
import { sealAuditAnswer } from '../../src/protocol/envelope/seal-audit-answer.js';
import { fromHex, utf8 } from '../../src/protocol/encoding/bytes.js';
import vectors from '../vectors/sampling.json' with { type: 'json' };

describe('leaves that are drawn', () => {
  it.each(vectors)('are those of the vector: $what', ({ nonce, root, size, count, leaves }) => {
    const tree = { size: BigInt(size), root: fromHex(root) };
    expect(drawLeaves(fromHex(nonce), tree, count).map(String)).toEqual(leaves);
  });

  it('are different ones, in the tree, as many as were asked for or as there are', () => {
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(
        bytes,
        bytes,
        fc.bigInt(0n, 5_000n),
        fc.integer({ min: 1, max: 299 }),
        (nonce, root, size, count) => {
          const drawn = drawLeaves(nonce, { size, root }, count);
          expect(new Set(drawn).size).toBe(drawn.length);
          expect(BigInt(drawn.length)).toBe(size < BigInt(count) ? size : BigInt(count));
          expect(drawn.every((index) => index >= 0n && index < size)).toBe(true);
        },
      ),
      { seed: 20261127, numRuns: 100 },
    );
  });

  it('begin with the hash of nonce, root and a zero, modulo the size', () => {
    const [nonce, root] = [Buffer.alloc(32, 3), Buffer.alloc(32, 4)];
    const hash = createHash('sha256').update(nonce).update(root).update(Buffer.alloc(4)).digest('hex');
    expect(drawLeaves(nonce, { size: 1000n, root }, 1)).toEqual([BigInt(`0x${hash}`) % 1000n]);
  });
});

describe('an opening', () => {
  const own = boxKey(new Uint8Array(32).fill(1));

  it('is read by the one device that it is sealed to', () => {
    const answer = { statements: [{ jws: 'a', proof: 'b' }] };
    const { ctx, wraps, body } = sealAuditAnswer(answer, own.publicKey);
    expect(openAuditAnswer({ ctx, wrap: wraps[0] ?? new Uint8Array(0), body }, own)).toEqual(answer);
  });
});

describe('an opening that is none', () => {
  const own = boxKey(new Uint8Array(32).fill(1));
  const sealed = (kind: 5 | 7, text: string) => {
    const recipients = [{ role: ROLE.auditor, publicKey: own.publicKey }];
    const of = { kind, referral: new Uint8Array(16), consent: new Uint8Array(32), recipients };
    const { ctx, wraps, body } = sealEnvelope({ ...of, content: () => utf8(text) });
    return { ctx, wrap: wraps[0] ?? new Uint8Array(0), body };
  };

  it('is refused: another kind of envelope, another form', () => {
    expect(() => openAuditAnswer(sealed(KIND.feedback, '{}'), own)).toThrow('ctx-kind');
    expect(() => openAuditAnswer(sealed(KIND.auditAnswer, '{"statements":[]}'), own)).toThrow('schema');
  });
});
