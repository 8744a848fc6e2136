import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as oauth from 'oauth4webapi';
import { newId } from '../../src/protocol/encoding/bytes.js';
import { enrolForeign, type Algorithm, type ForeignDevice } from '../support/machines/foreign.js';
import { givenSend } from '../support/network/makers.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

// eslint-disable-next-line @typescript-eslint/no-deprecated -- meant: plain HTTP on loopback
const plain = { [oauth.allowInsecureRequests]: true };

let server: FoundedServer;
beforeAll(async () => {
  server = await givenNetwork();
});
afterAll(() => server.stop());

describe.each<Algorithm>(['Ed25519', 'ES256'])('oauth4webapi with %s', (alg) => {
  let device: ForeignDevice;
  let as: oauth.AuthorizationServer;
  let DPoP: oauth.DPoPHandle;

  beforeAll(async () => {
    device = await enrolForeign(server.network.laRuelle, alg);
    as = await discover();
    DPoP = oauth.DPoP({}, device.key);
  });

  it('discovers, gets a token and reads the list of services', async () => {
    const response = await call(await getToken(), 'GET', '/v1/services');
    const { items } = (await response.json()) as { items: unknown[] };
    expect([response.status, items.length]).toEqual([200, 2]);
  });

  it('sends a referral', async () => {
    const { body } = await givenSend(server.network);
    const response = await call(await getToken(), 'POST', '/v1/referrals', body);
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({ referral: body.referral, status: 'requested' });
  });

  it.each([-86_400, 86_400])('is let in although its device’s clock is wrong by %i s', async (seconds) => {
    const skew = { [oauth.clockSkew]: seconds };
    const proof = oauth.DPoP(skew, device.key);
    const response = await call(await getToken(skew, proof), 'GET', '/v1/services', undefined, proof);
    expect(response.status).toBe(200);
  });

  it('reads the refusal of a proof as the standard has it', async () => {
    const token = await getToken();
    const stranger = oauth.DPoP({}, await oauth.generateKeyPair(alg));
    await expect(call(token, 'GET', '/v1/services', undefined, stranger)).rejects.toMatchObject({
      cause: [{ scheme: 'dpop', parameters: { error: 'invalid_token', algs: 'Ed25519 EdDSA ES256' } }],
    });
  });

  it('refuses another server’s metadata: the issuer is compared to the letter', async () => {
    const issuer = new URL('http://localhost:1');
    const found = await fetch(`${server.address}/.well-known/oauth-authorization-server`);
    await expect(oauth.processDiscoveryResponse(issuer, found)).rejects.toMatchObject({
      code: oauth.JSON_ATTRIBUTE_COMPARISON,
    });
  });

  async function discover(): Promise<oauth.AuthorizationServer> {
    const issuer = new URL(server.address);
    const found = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...plain });
    return oauth.processDiscoveryResponse(issuer, found);
  }

  async function getToken(skew = {}, proof = DPoP): Promise<string> {
    const client = { client_id: device.id, ...skew };
    return again(async () => {
      const auth = oauth.PrivateKeyJwt(device.key.privateKey);
      const response = await oauth.clientCredentialsGrantRequest(as, client, auth, new URLSearchParams(), {
        DPoP: proof,
        ...plain,
      });
      const token = await oauth.processClientCredentialsResponse(as, client, response);
      expect(token.token_type).toBe('dpop');
      return token.access_token;
    });
  }

  async function call(token: string, method: string, path: string, body?: object, proof = DPoP) {
    const headers = new Headers(body && { 'content-type': 'application/json', 'idempotency-key': newId() });
    const bytes = body && JSON.stringify(body);
    const url = new URL(path, server.address);
    return again(() =>
      oauth.protectedResourceRequest(token, method, url, headers, bytes, { DPoP: proof, ...plain }),
    );
  }
});

/** Once more where only the nonce was missing, as the library’s own examples do it. */
async function again<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error;
    return request();
  }
}
