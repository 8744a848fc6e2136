import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { request, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { makeProof, proofKey } from '../../src/client/device/proof.js';
import { randomBytes } from '../../src/protocol/encoding/bytes.js';
import { signingKey } from '../../src/protocol/crypto/keys.js';
import { Entrant } from '../support/network/entrant.js';
import { foreignKey } from '../support/machines/foreign.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

type MakeHeaders = (accessToken: string) => Record<string, string> | Promise<Record<string, string>>;

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

    it.each<[string, MakeHeaders, string | undefined]>([
      ['no credentials', () => ({}), undefined],
      ['a proof alone', async (token) => ({ dpop: await entrant.proof(token) }), undefined],
      ['no proof', (token) => ({ authorization: `DPoP ${token}` }), 'invalid_dpop_proof'],
      ['what is no proof', (token) => ({ authorization: `DPoP ${token}`, dpop: 'x' }), 'invalid_dpop_proof'],
      [
        'a proof of another method',
        async (token) => ({
          authorization: `DPoP ${token}`,
          dpop: await entrant.proof(token, { method: 'POST' }),
        }),
        'invalid_dpop_proof',
      ],
      [
        'no nonce',
        async (token) => ({
          authorization: `DPoP ${token}`,
          dpop: await entrant.proof(token, { nonce: undefined }),
        }),
        'use_dpop_nonce',
      ],
      [
        'a token of nobody',
        async () => ({
          authorization: `DPoP ${'A'.repeat(43)}`,
          dpop: await entrant.proof('A'.repeat(43)),
        }),
        'invalid_token',
      ],
      ['a Bearer token', (token) => ({ authorization: `Bearer ${token}` }), 'invalid_token'],
      ['a token of another form', () => ({ authorization: 'DPoP x' }), 'invalid_token'],
    ])('is refused in the words of RFC 6750 and 9449 with %s', async (_, headersFor, error) => {
      const answer = await entrant.get('/v1/services', await headersFor(await entrant.token()));
      expect(answer.status).toBe(401);
      expect(answer.nonce).not.toBe('');
      const named = error === undefined ? '' : `error="${error}", `;
      expect(answer.challenge).toBe(`DPoP ${named}algs="Ed25519 EdDSA ES256"`);
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

    it('is refused with two proofs, in one header or in two, though each is good', async () => {
      const accessToken = await entrant.token();
      const authorization = `DPoP ${accessToken}`;
      const [one, other] = [await entrant.proof(accessToken), await entrant.proof(accessToken)];
      const services = `${server.address}/v1/services`;
      for (const dpop of [`${one}, ${other}`, [one, other], [one, one], [one, ''], ['', one]])
        expect(await statusOf(services, { authorization, dpop })).toBe(401);
      expect(await statusOf(services, { authorization, dpop: [one] })).toBe(200);
    });

    it('is not given for two proofs', async () => {
      const form = new URLSearchParams({
        grant_type: 'client_credentials',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: await entrant.assertion(),
      });
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const [one, other] = [await entrant.tokenProof(), await entrant.tokenProof()];
      const door = `${server.address}/v1/token`;
      expect(await statusOf(door, { ...headers, dpop: [one, other] }, form.toString())).toBe(400);
      expect(await statusOf(door, { ...headers, dpop: [one] }, form.toString())).toBe(200);
    });
  });

  it('takes a proof by any key of the client, and an assertion by the certified one only', async () => {
    const es = await foreignKey('ES256');
    const answer = await entrant.post(await entrant.assertion(), await entrant.tokenProof(es));
    expect(answer.status).toBe(200);
    const wrong = await entrant.post(await entrant.assertion(es), await entrant.tokenProof(es));
    expect(wrong.status).toBe(401);
  });
});

/** As bytes on the wire: `fetch` would join what is sent as two headers. */
async function statusOf(url: string, headers: OutgoingHttpHeaders, body?: string): Promise<number> {
  const asked = request(url, { method: body === undefined ? 'GET' : 'POST', headers });
  asked.end(body);
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  answer.resume();
  return answer.statusCode ?? 0;
}
