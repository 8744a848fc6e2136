import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as openid from 'openid-client';
import { newId } from '../../src/protocol/encoding/bytes.js';
import { enrolForeign, type Algorithm, type ForeignDevice } from '../support/machines/foreign.js';
import { givenSend } from '../support/network/makers.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

// eslint-disable-next-line @typescript-eslint/no-deprecated -- meant: plain HTTP on loopback
const execute = [openid.allowInsecureRequests];

let server: FoundedServer;
beforeAll(async () => {
  server = await givenNetwork();
});
afterAll(() => server.stop());

describe.each<Algorithm>(['Ed25519', 'ES256'])('openid-client with %s', (alg) => {
  let device: ForeignDevice;
  let config: openid.Configuration;
  let DPoP: openid.DPoPHandle;

  beforeAll(async () => {
    device = await enrolForeign(server.network.laRuelle, alg);
    config = await configure(device.id);
    DPoP = openid.getDPoPHandle(config, device.key);
  });

  it('finds an endpoint, the method and the algorithms it needs in the metadata', () => {
    expect(config.serverMetadata()).toMatchObject({
      issuer: server.address,
      token_endpoint: `${server.address}/v1/token`,
    });
    const { dpop_signing_alg_values_supported: algs } = config.serverMetadata();
    expect(algs).toEqual(['Ed25519', 'EdDSA', 'ES256']);
  });

  it('gets a token and reads the list of services', async () => {
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

  it('names the error of the token endpoint when the client is not known', async () => {
    const unknown = await configure(newId());
    const handle = openid.getDPoPHandle(unknown, device.key);
    await expect(openid.clientCredentialsGrant(unknown, {}, { DPoP: handle })).rejects.toMatchObject({
      error: 'invalid_client',
    });
  });

  async function configure(client: string): Promise<openid.Configuration> {
    const auth = openid.PrivateKeyJwt(device.key.privateKey);
    const issuer = new URL(server.address);
    return openid.discovery(issuer, client, undefined, auth, { algorithm: 'oauth2', execute });
  }

  async function getToken(): Promise<string> {
    const token = await openid.clientCredentialsGrant(config, {}, { DPoP });
    expect([token.token_type, token.expires_in]).toEqual(['dpop', 300]);
    return token.access_token;
  }

  async function call(token: string, method: string, path: string, body?: object): Promise<Response> {
    const headers = new Headers(body && { 'content-type': 'application/json', 'idempotency-key': newId() });
    const url = new URL(path, server.address);
    return openid.fetchProtectedResource(config, token, url, method, body && JSON.stringify(body), headers, {
      DPoP,
    });
  }
});
