import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generateKeyPair, SignJWT } from 'jose';
import { makeProof, proofKey, type ProofKey } from '../../src/client/proof.js';
import { newId, randomBytes } from '../../src/protocol/bytes.js';
import { signingKey } from '../../src/protocol/crypto/keys.js';
import { Entrant } from '../support/entrant.js';
import { givenNetwork, type FoundedServer } from '../support/process.js';

/** Tokens and proofs at every other door. */
describe('access', () => {
  let server: FoundedServer;
  let entrant: Entrant;

  beforeAll(async () => {
    server = await givenNetwork();
    entrant = await Entrant.of(server.network.laRuelle.worker.state);
  });
  afterAll(() => server.stop());

  describe('a token', () => {
    it('opens the door with its key’s proof', async () => {
      const accessToken = await entrant.token();
      const headers = { authorization: `DPoP ${accessToken}`, dpop: await entrant.proof(accessToken) };
      expect((await entrant.get('/v1/services', headers)).status).toBe(200);
      expect((await entrant.get('/v1/services', headers)).status).toBe(401);
    });

    it('is worth nothing without a proof, as a Bearer, or by another key', async () => {
      const accessToken = await entrant.token();
      expect((await entrant.get('/v1/services', { authorization: `DPoP ${accessToken}` })).status).toBe(401);
      expect((await entrant.get('/v1/services', { authorization: `Bearer ${accessToken}` })).status).toBe(
        401,
      );
      const proof = await entrant.proof(accessToken);
      expect(
        (await entrant.get('/v1/services', { authorization: `Bearer ${accessToken}`, dpop: proof })).status,
      ).toBe(401);
      const thief = await proofKey(signingKey(randomBytes(32)));
      const url = `${server.address}/v1/services`;
      const stolen = await makeProof(thief, { method: 'GET', url, nonce: entrant.nonce, accessToken });
      expect(
        (await entrant.get('/v1/services', { authorization: `DPoP ${accessToken}`, dpop: stolen })).status,
      ).toBe(401);
    });

    it.each([
      ['another path', { url: 'https://relais.example/v1/services' }],
      ['another method', { method: 'POST' }],
      ['another token’s hash', { accessToken: 'A'.repeat(43) }],
      ['no token’s hash', { accessToken: undefined }],
      ['an old nonce', { nonce: 'AAAAAAAAAAAAAAAAAAAAAA' }],
      ['no nonce', { nonce: undefined }],
    ])('is refused with a proof for %s', async (_, over) => {
      const accessToken = await entrant.token();
      const proof = await entrant.proof(accessToken, over);
      const answer = await entrant.get('/v1/services', { authorization: `DPoP ${accessToken}`, dpop: proof });
      expect(answer).toMatchObject({ status: 401, body: { type: '/problems/unauthorised' } });
    });

    it('is refused whatever a proxy’s headers claim', async () => {
      const accessToken = await entrant.token();
      const url = 'https://relais.example/v1/services';
      const answer = await entrant.get('/v1/services', {
        authorization: `DPoP ${accessToken}`,
        dpop: await entrant.proof(accessToken, { url }),
        'x-forwarded-host': 'relais.example',
        'x-forwarded-proto': 'https',
        forwarded: 'host=relais.example;proto=https',
      });
      expect(answer.status).toBe(401);
    });

    it('is refused with a private key in the proof, HS256, or two proofs', async () => {
      const accessToken = await entrant.token();
      const authorization = `DPoP ${accessToken}`;
      const { state } = server.network.laRuelle.worker;
      const leaky = { ...entrant.key, publicJwk: { ...entrant.key.publicJwk, d: state.auth } };
      const url = `${server.address}/v1/services`;
      const withPrivate = await makeProof(leaky, { method: 'GET', url, nonce: entrant.nonce, accessToken });
      expect((await entrant.get('/v1/services', { authorization, dpop: withPrivate })).status).toBe(401);
      const hs = await new SignJWT({ htm: 'GET', htu: url, jti: newId(), nonce: entrant.nonce })
        .setProtectedHeader({ typ: 'dpop+jwt', alg: 'HS256', jwk: { kty: 'oct', k: 'AAAA' } as object })
        .setIssuedAt()
        .sign(randomBytes(32));
      expect((await entrant.get('/v1/services', { authorization, dpop: hs })).status).toBe(401);
      const both = `${await entrant.proof(accessToken)}, ${await entrant.proof(accessToken)}`;
      expect((await entrant.get('/v1/services', { authorization, dpop: both })).status).toBe(401);
    });
  });

  it('takes ES256 as well, where the certificate says so, and not in place of another key', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', publicKey);
    const es: ProofKey = {
      alg: 'ES256',
      publicJwk: { kty: kty ?? '', crv: crv ?? '', x: x ?? '', y: y ?? '' },
      privateKey,
    };
    const answer = await entrant.post(await entrant.assertion(), await entrant.tokenProof(es));
    expect(answer.status).toBe(200);
    const wrong = await entrant.post(await entrant.assertion(es), await entrant.tokenProof(es));
    expect(wrong.status).toBe(401);
  });
});
