import { describe, expect, it } from '@jest/globals';
import { fromBase64url, fromHex, toHex } from '../../src/protocol/encoding/bytes.js';
import { derivePaper, deriveReceipt, requireCode } from '../../src/protocol/encoding/codes.js';
import { boxKey, thumbprint } from '../../src/protocol/crypto/keys.js';
import { openSecond } from '../../src/protocol/crypto/second-open.js';
import { secondInfo } from '../../src/protocol/crypto/second-seal.js';
import { openFeedback } from '../../src/protocol/envelope/open-feedback.js';
import { verifySigned } from '../../src/protocol/encoding/signed.js';
import vectors from './person.json' with { type: 'json' };

describe('the vectors of the person’s door', () => {
  it('open a receipt by its second code, without the word', async () => {
    const { code, kid, boxSeed, referral, receiptCode, word, seeds, info, sealed } = vectors.second;
    const second = derivePaper(requireCode(code), 'guardian');
    expect([second.sign.kid, toHex(second.box.seed), toHex(secondInfo(referral))]).toEqual([
      kid,
      boxSeed,
      info,
    ]);
    const opened = openSecond(fromBase64url(sealed), referral, second.box);
    const own = await deriveReceipt(requireCode(receiptCode), word);
    for (const name of ['sign', 'box', 'read'] as const)
      expect([toHex(opened[name].seed), toHex(own[name].seed)]).toEqual([seeds[name], seeds[name]]);
  });

  it('open what was said to an observer', () => {
    const { observerSeed, ctx, wrap, body, text } = vectors.feedback;
    const sealed = { ctx: fromHex(ctx), wrap: fromBase64url(wrap), body: fromBase64url(body) };
    expect(openFeedback(sealed, boxKey(fromHex(observerSeed)))).toBe(text);
  });

  it('hold a request for correction', () => {
    const key = fromHex(vectors.correction.key);
    const { payload } = verifySigned(
      vectors.correction.jws,
      'message+jws',
      new Map([[thumbprint(key), key]]),
    );
    expect(payload).toEqual(vectors.correction.payload);
  });
});
