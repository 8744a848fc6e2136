import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import Type from 'typebox';
import { canonicalText } from '../../src/protocol/encoding/json.js';
import { randomBytes, utf8 } from '../../src/protocol/encoding/bytes.js';
import { boxKey } from '../../src/protocol/crypto/keys.js';
import { KIND, parseContext, ROLE } from '../../src/protocol/envelope/envelope.js';
import { FEEDBACK, feedbackTable, type CountedAnswers } from '../../src/protocol/envelope/feedback.js';
import { openFeedback } from '../../src/protocol/envelope/open-feedback.js';
import { FEEDBACK_LENGTH, sealFeedback } from '../../src/protocol/envelope/seal-feedback.js';
import { sealEnvelope } from '../../src/protocol/envelope/seal-envelope.js';
import { readEmbeddedCase, writeEmbeddedCase } from '../../src/protocol/audit/embedded-case.js';
import { makeValidator } from '../../src/protocol/encoding/validator.js';
import { makeValidator as makeInBrowser } from '../../src/protocol/encoding/validator.browser.js';

const [ONE, TWO] = [boxKey(randomBytes(32)), boxKey(randomBytes(32))];
const refused = (check: string) => expect.objectContaining({ check }) as unknown as Error;

describe('what a person says to the observers', () => {
  const sealed = sealFeedback('Merci — شكراً', [ONE.publicKey, TWO.publicKey]);

  it('is opened by each of them, and names no case', () => {
    const { kind, referral, consent, recipients } = parseContext(sealed.ctx);
    expect([kind, [...referral, ...consent].some((byte) => byte !== 0)]).toEqual([KIND.feedback, false]);
    for (const own of [ONE, TWO]) {
      const at = recipients.findIndex(({ keyId }) => Buffer.from(keyId).equals(own.id));
      const wrap = sealed.wraps[at] ?? new Uint8Array(0);
      expect(openFeedback({ ...sealed, wrap }, own)).toBe('Merci — شكراً');
    }
  });

  it('is opened by nobody else, and is nothing else', () => {
    const other = boxKey(randomBytes(32));
    const [wrap = new Uint8Array(0)] = sealed.wraps;
    expect(() => openFeedback({ ...sealed, wrap }, other)).toThrow(refused('ctx-recipients'));
    const message = sealEnvelope({
      kind: KIND.message,
      referral: new Uint8Array(16),
      consent: new Uint8Array(32),
      recipients: [{ role: ROLE.auditor, publicKey: ONE.publicKey }],
      content: () => utf8('x'),
    });
    const [first = wrap] = message.wraps;
    expect(() => openFeedback({ ...message, wrap: first }, ONE)).toThrow(refused('ctx-kind'));
  });

  it('is not empty, and not longer than a page', () => {
    for (const text of ['', 'x'.repeat(FEEDBACK_LENGTH + 1)])
      expect(() => sealFeedback(text, [ONE.publicKey])).toThrow(refused('too-large'));
  });
});

/** So many answers of one organisation, all the same. */
function answersOf(
  source: string,
  count: number,
  helped: 'yes' | 'no' = 'yes',
  target = 't',
): CountedAnswers[] {
  return Array.from({ length: count }, () => ({ source, target, reached: null, helped, respected: null }));
}

describe('the table of a quarter', () => {
  const countOf = (rows: readonly CountedAnswers[]) =>
    feedbackTable('2026-3', rows).cells.find((cell) => cell.question === 'helped' && cell.answer === 'yes')
      ?.count;

  it('says less than ten as "<10", and rounds the rest', () => {
    expect(countOf([...answersOf('a', 3), ...answersOf('b', 3), ...answersOf('c', 3)])).toBe('<10');
    expect(countOf([...answersOf('a', 4), ...answersOf('b', 4), ...answersOf('c', 4)])).toBe(10);
    expect(countOf([...answersOf('a', 5), ...answersOf('b', 4), ...answersOf('c', 4)])).toBe(15);
  });

  it('withholds what one organisation, or fewer than three, could be told by', () => {
    expect(countOf([...answersOf('a', 6), ...answersOf('b', 6)])).toBeNull();
    expect(countOf([...answersOf('a', 15), ...answersOf('b', 3), ...answersOf('c', 3)])).toBeNull();
    expect(countOf([...answersOf('a', 14), ...answersOf('b', 3), ...answersOf('c', 3)])).toBe(20);
  });

  it('has a cell for each service, question and answer, whatever was said, and one rounded total', () => {
    const answer = fc.record({
      source: fc.constantFrom('a', 'b', 'c', 'd'),
      target: fc.constantFrom('s', 't'),
      reached: fc.constantFrom('yes' as const, 'no' as const, null),
      helped: fc.constantFrom(...FEEDBACK.helped, null),
      respected: fc.constantFrom(...FEEDBACK.respected, null),
    });
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 200 }), (rows) => {
        const { total, cells } = feedbackTable('2026-3', rows);
        expect(Math.abs(total - rows.length)).toBeLessThanOrEqual(5);
        expect(cells).toHaveLength(9 * new Set(rows.map(({ target }) => target)).size);
        for (const { count } of cells)
          expect(count === null || count === '<10' || (count >= 10 && count % 5 === 0)).toBe(true);
      }),
    );
  });
});

describe('a case inside a document', () => {
  const text = canonicalText({ statements: [{ jws: '</pre><script>', proof: 'é\n' }] });

  it('comes out as it went in, whatever stands around it', () => {
    const html = `<!doctype html><p>words</p>${writeEmbeddedCase(text)}<p>more</p>`;
    expect(new TextDecoder().decode(readEmbeddedCase(html))).toBe(text);
    expect(html).not.toContain('<script>');
  });

  it.each([
    ['none', '<p>nothing</p>'],
    ['two', writeEmbeddedCase(text) + writeEmbeddedCase(text)],
    ['no base64url', '<pre id="relais-case" hidden>é</pre>'],
    ['no whole base64url', '<pre id="relais-case" hidden>AAAAA</pre>'],
    ['not the one form of its bytes', '<pre id="relais-case" hidden>AB</pre>'],
    ['no end', '<pre id="relais-case" hidden>'],
  ])('is nothing where there is %s', (_, html) => {
    expect(readEmbeddedCase(html)).toBeUndefined();
  });
});

describe('the two validators', () => {
  it('agree, though a page makes no code out of a schema', () => {
    const schema = Type.Object({ a: Type.Array(Type.Integer()) }, { additionalProperties: false });
    fc.assert(
      fc.property(fc.oneof(fc.record({ a: fc.array(fc.integer()) }), fc.anything()), (value) => {
        expect(makeInBrowser(schema).Check(value)).toBe(makeValidator(schema).Check(value));
      }),
    );
  });
});
