import { describe, expect, it } from '@jest/globals';
import * as noble from '@panva/hpke-noble';
import { CipherSuite } from 'hpke';
import { concat, fromHex, newId, toHex, utf8 } from '../../src/protocol/encoding/bytes.js';
import { derivePaper, deriveReceipt, newCode, requireCode } from '../../src/protocol/encoding/codes.js';
import { openSecond } from '../../src/protocol/crypto/second-open.js';
import { secondInfo, sealSecond } from '../../src/protocol/crypto/second-seal.js';
import { sealBase } from '../../src/protocol/crypto/hpke-seal.js';

const CODE = newCode();

describe('a second code', () => {
  const keys = derivePaper(requireCode(CODE), 'guardian');

  async function receipt() {
    const { sign, box, read } = await deriveReceipt(requireCode(newCode()), 'tsehay');
    return { sign: sign.seed, box: box.seed, read: read.seed };
  }

  it('opens the three keys of a receipt, word or no word', async () => {
    const [referral, seeds] = [newId(), await receipt()];
    const sealed = sealSecond(seeds, referral, keys.box.publicKey);
    expect(sealed).toHaveLength(1232);
    const opened = openSecond(sealed, referral, keys.box);
    expect([opened.sign.seed, opened.box.seed, opened.read.seed].map(toHex)).toEqual(
      [seeds.sign, seeds.box, seeds.read].map(toHex),
    );
  });

  it('opens those of its own referral alone, and nothing that is not three keys', async () => {
    const [referral, seeds] = [newId(), await receipt()];
    const sealed = sealSecond(seeds, referral, keys.box.publicKey);
    const other = derivePaper(requireCode(newCode()), 'guardian');
    expect(() => openSecond(sealed, newId(), keys.box)).toThrow();
    expect(() => openSecond(sealed, referral, other.box)).toThrow();
    const short = sealBase(keys.box.publicKey, secondInfo(referral), new Uint8Array(95));
    expect(() => openSecond(short, referral, keys.box)).toThrow(expect.objectContaining({ check: 'second' }));
  });

  it('is the HPKE that others speak', async () => {
    const [referral, seeds] = [newId(), await receipt()];
    const sealed = sealSecond(seeds, referral, keys.box.publicKey);
    const suite = new CipherSuite(
      noble.KEM_MLKEM768_X25519,
      noble.KDF_HKDF_SHA256,
      noble.AEAD_ChaCha20Poly1305,
    );
    const key = await suite.DeserializePrivateKey(keys.box.seed);
    const info = concat(utf8('relais/second/v1'), fromHex('00'), fromHex(referral.replaceAll('-', '')));
    const [enc, ct] = [sealed.slice(0, 1120), sealed.slice(1120)];
    const opened = await suite.Open(key, enc, ct, { info });
    expect(toHex(new Uint8Array(opened))).toBe([seeds.sign, seeds.box, seeds.read].map(toHex).join(''));
  });
});
