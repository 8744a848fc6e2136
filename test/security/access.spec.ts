import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { request, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { makeProof, proofKey } from '../../src/client/proof.js';
import { newId, randomBytes } from '../../src/protocol/bytes.js';
import { signingKey } from '../../src/protocol/crypto/keys.js';
import { asOwner } from '../support/database.js';
import { Entrant } from '../support/entrant.js';
import { foreignKey } from '../support/foreign.js';
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

    it('ends at the very next request when its device is revoked, on every process', async () => {
      const accessToken = await entrant.token();
      const twin = await server.twin();
      const enter = async (address: string): Promise<number> => {
        const headers = { authorization: `DPoP ${accessToken}`, dpop: await entrant.proof(accessToken) };
        return (await entrant.get('/v1/services', headers, address)).status;
      };
      try {
        expect([await enter(server.address), await enter(twin.address)]).toEqual([200, 200]);
        await asOwner(
          server.urls,
          `UPDATE device SET revoked = domain_today(), revocation = 'x' WHERE id = '${entrant.device}'`,
        );
        expect([await enter(server.address), await enter(twin.address)]).toEqual([401, 401]);
        const answer = await entrant.post(await entrant.assertion(), await entrant.tokenProof());
        expect(answer.status).toBe(401);
      } finally {
        await asOwner(
          server.urls,
          `UPDATE device SET revoked = NULL, revocation = NULL WHERE id = '${entrant.device}'`,
        );
        await twin.kill();
      }
    });

    it('ends at the very next request when its organisation is suspended', async () => {
      const accessToken = await entrant.token();
      const organisation = server.network.laRuelle.founder.public.id;
      await asOwner(server.urls, `UPDATE organisation SET status = 'suspended' WHERE id = '${organisation}'`);
      const headers = { authorization: `DPoP ${accessToken}`, dpop: await entrant.proof(accessToken) };
      expect((await entrant.get('/v1/services', headers)).status).toBe(401);
      await asOwner(server.urls, `UPDATE organisation SET status = 'active' WHERE id = '${organisation}'`);
    });
  });

  it('lets nobody in who brings nothing', async () => {
    const document = (await (await fetch(`${server.address}/v1/openapi.json`)).json()) as {
      paths: Record<string, object>;
    };
    const open = /^\/(health|log|\.well-known|v1\/(network|charter|token|receipts))/;
    const guarded = Object.entries(document.paths).filter(([path]) => !open.test(path));
    expect(guarded.length).toBeGreaterThan(10);
    for (const [path, methods] of guarded) {
      for (const method of Object.keys(methods)) {
        const init = {
          method: method.toUpperCase(),
          ...(method === 'post' ? { body: '{}', headers: { 'content-type': 'application/json' } } : {}),
        };
        const { status } = await fetch(`${server.address}${path.replace(/\{\w+\}/g, newId())}`, init);
        expect([path, status]).toEqual([path, 401]);
      }
    }
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
