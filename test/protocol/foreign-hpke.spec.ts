import { Chacha20Poly1305 } from '@hpke/chacha20poly1305';
import { CipherSuite as OtherSuite, HkdfSha256 } from '@hpke/core';
import { XWing } from '@hpke/hybridkem-x-wing';
import { describe, expect, it } from '@jest/globals';
import * as noble from '@panva/hpke-noble';
import { CipherSuite } from 'hpke';
import { concat, randomBytes, utf8 } from '../../src/protocol/encoding/bytes.js';
import { openBase } from '../../src/protocol/crypto/hpke-open.js';
import { sealBase } from '../../src/protocol/crypto/hpke-seal.js';
import { boxKey } from '../../src/protocol/crypto/keys.js';

const ENCAPSULATED = 1120;
const info = utf8('relais/wrap/v1 and so on');
const plaintext = randomBytes(32);

/** Two HPKE stacks that we did not write: what they seal we open, what we seal they open. */
describe('HPKE with X-Wing, against hpke and @panva/hpke-noble', () => {
  const suite = new CipherSuite(
    noble.KEM_MLKEM768_X25519,
    noble.KDF_HKDF_SHA256,
    noble.AEAD_ChaCha20Poly1305,
  );
  const key = boxKey(randomBytes(32));

  it('opens what the other seals', async () => {
    const publicKey = await suite.DeserializePublicKey(key.publicKey);
    const { encapsulatedSecret, ciphertext } = await suite.Seal(publicKey, plaintext, { info });
    expect(openBase(key.seed, info, concat(encapsulatedSecret, ciphertext))).toEqual(plaintext);
  });

  it('seals what the other opens', async () => {
    const sealed = sealBase(key.publicKey, info, plaintext);
    const privateKey = await suite.DeserializePrivateKey(key.seed);
    const opened = await suite.Open(privateKey, sealed.slice(0, ENCAPSULATED), sealed.slice(ENCAPSULATED), {
      info,
    });
    expect(opened).toEqual(plaintext);
  });
});

describe('HPKE with X-Wing, against @hpke/core and @hpke/hybridkem-x-wing', () => {
  const suite = new OtherSuite({ kem: new XWing(), kdf: new HkdfSha256(), aead: new Chacha20Poly1305() });
  const key = boxKey(randomBytes(32));

  it('opens what the other seals', async () => {
    const recipientPublicKey = await suite.kem.deserializePublicKey(buffer(key.publicKey));
    const sender = await suite.createSenderContext({ recipientPublicKey, info: buffer(info) });
    const ciphertext = await sender.seal(buffer(plaintext));
    const sealed = concat(new Uint8Array(sender.enc), new Uint8Array(ciphertext));
    expect(openBase(key.seed, info, sealed)).toEqual(plaintext);
  });

  it('seals what the other opens', async () => {
    const sealed = sealBase(key.publicKey, info, plaintext);
    const recipientKey = await suite.kem.deserializePrivateKey(buffer(key.seed));
    const enc = buffer(sealed.slice(0, ENCAPSULATED));
    const recipient = await suite.createRecipientContext({ recipientKey, enc, info: buffer(info) });
    expect(new Uint8Array(await recipient.open(buffer(sealed.slice(ENCAPSULATED))))).toEqual(plaintext);
  });
});

function buffer(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}
