import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generateKeyPair, SignJWT, type JWTPayload } from 'jose';
import {
  makeAssertion,
  makeProof,
  proofKey,
  proofKeyFromSeed,
  type ProofKey,
} from '../../src/client/proof.js';
import { fromBase64url, newId, randomBytes, toBase64url } from '../../src/protocol/bytes.js';
import { asOwner } from '../support/database.js';
import { givenNetwork, type FoundedServer, type ServerProcess } from '../support/process.js';

const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly nonce: string;
}

/** Tokens and proofs (RFC 6749, 7523, 9449), as somebody would try them who means harm. */
describe('access', () => {
  let server: FoundedServer;
  let key: ProofKey;
  let device: string;
  let nonce: string;

  beforeAll(async () => {
    server = await givenNetwork();
    const { state } = server.network.laRuelle.worker;
    device = state.device;
    key = await proofKeyFromSeed(fromBase64url(state.auth));
    nonce = (await post(server, {}, undefined)).nonce;
  });
  afterAll(() => server.stop());

  async function post(
    at: ServerProcess,
    form: Record<string, string>,
    proof: string | undefined,
  ): Promise<Answer> {
    const response = await fetch(`${at.address}/v1/token`, {
      method: 'POST',
      headers: proof === undefined ? {} : { dpop: proof },
      body: new URLSearchParams(form),
    });
    return answerOf(response);
  }

  async function get(
    path: string,
    headers: Record<string, string>,
    at: ServerProcess = server,
  ): Promise<Answer> {
    return answerOf(await fetch(`${at.address}${path}`, { headers }));
  }

  async function answerOf(response: Response): Promise<Answer> {
    const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
    return { status: response.status, body, nonce: response.headers.get('dpop-nonce') ?? '' };
  }

  function form(assertion: string): Record<string, string> {
    return {
      grant_type: 'client_credentials',
      client_id: device,
      client_assertion_type: ASSERTION,
      client_assertion: assertion,
    };
  }

  async function tokenProof(with_: ProofKey = key): Promise<string> {
    return makeProof(with_, { method: 'POST', url: `${server.address}/v1/token`, nonce });
  }

  async function token(): Promise<string> {
    const answer = await post(
      server,
      form(await makeAssertion(key, device, server.address)),
      await tokenProof(),
    );
    expect(answer.status).toBe(200);
    return String(answer.body['access_token']);
  }

  async function listProof(
    accessToken: string,
    over: Partial<Parameters<typeof makeProof>[1]> = {},
  ): Promise<string> {
    const url = `${server.address}/v1/services`;
    return makeProof(key, { method: 'GET', url, nonce, accessToken, ...over });
  }

  describe('the token endpoint', () => {
    it('gives a token that is bound to the key, and says what it is', async () => {
      const answer = await post(
        server,
        form(await makeAssertion(key, device, server.address)),
        await tokenProof(),
      );
      expect(answer).toMatchObject({ status: 200, body: { token_type: 'DPoP', expires_in: 300 } });
      const rows = await asOwner<{ hash: Buffer }>(server.urls, 'SELECT hash FROM access_token');
      expect(rows.some(({ hash }) => hash.toString('base64url') === answer.body['access_token'])).toBe(false);
    });

    it('asks for its nonce, and names it', async () => {
      const proof = await makeProof(key, { method: 'POST', url: `${server.address}/v1/token` });
      const answer = await post(server, form(await makeAssertion(key, device, server.address)), proof);
      expect(answer).toMatchObject({ status: 400, body: { error: 'use_dpop_nonce' } });
      expect(answer.nonce).not.toBe('');
    });

    it('takes a proof once, and an assertion once, on every process', async () => {
      const replica = await server.replica();
      try {
        const proof = await tokenProof();
        const assertion = await makeAssertion(key, device, server.address);
        expect((await post(server, form(assertion), proof)).status).toBe(200);
        const again = form(await makeAssertion(key, device, server.address));
        expect((await post(server, again, proof)).status).toBe(401);
        expect((await post(server, form(assertion), await tokenProof())).status).toBe(401);
        const there = await fetch(`${replica.address}/v1/token`, {
          method: 'POST',
          headers: { dpop: proof },
          body: new URLSearchParams(again),
        });
        expect(there.status).toBe(400);
      } finally {
        await replica.kill();
      }
    });

    const now = (): number => Math.floor(Date.now() / 1000);
    const good = (): JWTPayload => ({
      iss: device,
      sub: device,
      aud: server.address,
      jti: newId(),
      iat: now(),
      exp: now() + 60,
    });
    it.each<[string, (claims: JWTPayload) => JWTPayload]>([
      ['another audience', (claims) => ({ ...claims, aud: 'https://elsewhere.example' })],
      [
        'a list of audiences',
        (claims) => ({ ...claims, aud: [server.address, 'https://elsewhere.example'] }),
      ],
      ['another subject', (claims) => ({ ...claims, sub: newId() })],
      ['an unknown client', (claims) => ({ ...claims, sub: newId(), iss: newId() })],
      ['no jti', ({ jti: _, ...claims }) => claims],
      ['no iat', ({ iat: _, ...claims }) => claims],
      ['no exp', ({ exp: _, ...claims }) => claims],
      ['a future iat', (claims) => ({ ...claims, iat: now() + 3600, exp: now() + 3660 })],
      ['an end in the past', (claims) => ({ ...claims, iat: now() - 120, exp: now() - 60 })],
      ['a life of ten minutes', (claims) => ({ ...claims, exp: now() + 600 })],
    ])('refuses an assertion with %s', async (_, change) => {
      const assertion = await signed(change(good()), { alg: 'Ed25519' });
      expect((await post(server, form(assertion), await tokenProof())).status).toBe(401);
    });

    it.each<[string, Record<string, unknown>]>([
      ['jku', { alg: 'Ed25519', jku: 'https://elsewhere.example/keys' }],
      ['x5u', { alg: 'Ed25519', x5u: 'https://elsewhere.example/keys' }],
      ['crit', { alg: 'Ed25519', crit: ['exp'], exp: 1 }],
      [
        'an inline key',
        { alg: 'Ed25519', jwk: { kty: 'OKP', crv: 'Ed25519', x: toBase64url(randomBytes(32)) } },
      ],
    ])('refuses an assertion whose header carries %s', async (_, header) => {
      const { privateKey } = key;
      const parts = [header, good()].map((part) =>
        toBase64url(new TextEncoder().encode(JSON.stringify(part))),
      );
      const input = parts.join('.');
      const signature = await crypto.subtle.sign(
        'Ed25519',
        privateKey as CryptoKey,
        new TextEncoder().encode(input),
      );
      const assertion = `${input}.${toBase64url(new Uint8Array(signature))}`;
      expect((await post(server, form(assertion), await tokenProof())).status).toBe(401);
    });

    it('refuses alg none, a key of another device, and a signature by the proof’s own key', async () => {
      const none = [{ alg: 'none' }, good()]
        .map((part) => toBase64url(new TextEncoder().encode(JSON.stringify(part))))
        .join('.');
      expect((await post(server, form(`${none}.`), await tokenProof())).status).toBe(401);
      const stranger = await proofKey({ ...(await freshKey()) });
      const assertion = await makeAssertion(stranger, device, server.address);
      expect((await post(server, form(assertion), await tokenProof(stranger))).status).toBe(401);
    });

    it('refuses duplicate claims and a tail that is not canonical', async () => {
      const text = JSON.stringify(good()).replace('{', `{"iss":"${newId()}",`);
      const input = `${toBase64url(new TextEncoder().encode('{"alg":"Ed25519"}'))}.${toBase64url(new TextEncoder().encode(text))}`;
      const bytes = new TextEncoder().encode(input);
      const signature = new Uint8Array(
        await crypto.subtle.sign('Ed25519', key.privateKey as CryptoKey, bytes),
      );
      expect(
        (await post(server, form(`${input}.${toBase64url(signature)}`), await tokenProof())).status,
      ).toBe(401);
      const honest = await makeAssertion(key, device, server.address);
      const last = honest.at(-1) ?? '';
      const bent = `${honest.slice(0, -1)}${'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.indexOf(last) + 1] ?? 'B'}`;
      expect((await post(server, form(bent), await tokenProof())).status).toBe(401);
    });

    it('refuses a parameter that is given twice, and a body that is no form', async () => {
      const twice = await fetch(`${server.address}/v1/token`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', dpop: await tokenProof() },
        body: 'grant_type=client_credentials&grant_type=client_credentials',
      });
      expect(twice.status).toBe(400);
      const json = await fetch(`${server.address}/v1/token`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{}',
      });
      expect(json.status).toBe(400);
    });

    async function signed(claims: JWTPayload, header: { alg: string }): Promise<string> {
      return new SignJWT(claims).setProtectedHeader(header).sign(key.privateKey);
    }
  });

  describe('a token', () => {
    it('opens the door with its key’s proof', async () => {
      const accessToken = await token();
      const headers = { authorization: `DPoP ${accessToken}`, dpop: await listProof(accessToken) };
      expect((await get('/v1/services', headers)).status).toBe(200);
      expect((await get('/v1/services', headers)).status).toBe(401);
    });

    it('is worth nothing without a proof, as a Bearer, or by another key', async () => {
      const accessToken = await token();
      expect((await get('/v1/services', { authorization: `DPoP ${accessToken}` })).status).toBe(401);
      expect((await get('/v1/services', { authorization: `Bearer ${accessToken}` })).status).toBe(401);
      const proof = await listProof(accessToken);
      expect(
        (await get('/v1/services', { authorization: `Bearer ${accessToken}`, dpop: proof })).status,
      ).toBe(401);
      const thief = await proofKey(await freshKey());
      const url = `${server.address}/v1/services`;
      const stolen = await makeProof(thief, { method: 'GET', url, nonce, accessToken });
      expect((await get('/v1/services', { authorization: `DPoP ${accessToken}`, dpop: stolen })).status).toBe(
        401,
      );
    });

    it.each([
      ['another path', { url: 'https://relais.example/v1/services' }],
      ['another method', { method: 'POST' }],
      ['another token’s hash', { accessToken: 'A'.repeat(43) }],
      ['no token’s hash', { accessToken: undefined }],
      ['an old nonce', { nonce: 'AAAAAAAAAAAAAAAAAAAAAA' }],
      ['no nonce', { nonce: undefined }],
    ])('is refused with a proof for %s', async (_, over) => {
      const accessToken = await token();
      const proof = await listProof(accessToken, over);
      const answer = await get('/v1/services', { authorization: `DPoP ${accessToken}`, dpop: proof });
      expect(answer).toMatchObject({ status: 401, body: { type: '/problems/unauthorised' } });
    });

    it('is refused whatever a proxy’s headers claim', async () => {
      const accessToken = await token();
      const url = 'https://relais.example/v1/services';
      const answer = await get('/v1/services', {
        authorization: `DPoP ${accessToken}`,
        dpop: await listProof(accessToken, { url }),
        'x-forwarded-host': 'relais.example',
        'x-forwarded-proto': 'https',
        forwarded: 'host=relais.example;proto=https',
      });
      expect(answer.status).toBe(401);
    });

    it('is refused with a private key in the proof, HS256, or two proofs', async () => {
      const accessToken = await token();
      const authorization = `DPoP ${accessToken}`;
      const { state } = server.network.laRuelle.worker;
      const leaky = { ...key, publicJwk: { ...key.publicJwk, d: state.auth } };
      const url = `${server.address}/v1/services`;
      const withPrivate = await makeProof(leaky, { method: 'GET', url, nonce, accessToken });
      expect((await get('/v1/services', { authorization, dpop: withPrivate })).status).toBe(401);
      const hs = await new SignJWT({ htm: 'GET', htu: url, jti: newId(), nonce })
        .setProtectedHeader({ typ: 'dpop+jwt', alg: 'HS256', jwk: { kty: 'oct', k: 'AAAA' } })
        .setIssuedAt()
        .sign(randomBytes(32));
      expect((await get('/v1/services', { authorization, dpop: hs })).status).toBe(401);
      const both = `${await listProof(accessToken)}, ${await listProof(accessToken)}`;
      expect((await get('/v1/services', { authorization, dpop: both })).status).toBe(401);
    });

    it('ends at the very next request when its device is revoked, on every process', async () => {
      const accessToken = await token();
      const replica = await server.replica();
      try {
        await asOwner(
          server.urls,
          `UPDATE device SET revoked = domain_today(), revocation = 'x' WHERE id = '${device}'`,
        );
        const headers = { authorization: `DPoP ${accessToken}`, dpop: await listProof(accessToken) };
        expect((await get('/v1/services', headers)).status).toBe(401);
        expect((await get('/v1/services', headers, replica)).status).toBe(401);
        const answer = await post(
          server,
          form(await makeAssertion(key, device, server.address)),
          await tokenProof(),
        );
        expect(answer.status).toBe(401);
      } finally {
        await asOwner(
          server.urls,
          `UPDATE device SET revoked = NULL, revocation = NULL WHERE id = '${device}'`,
        );
        await replica.kill();
      }
    });

    it('ends at the very next request when its organisation is suspended', async () => {
      const accessToken = await token();
      const organisation = server.network.laRuelle.founder.public.id;
      await asOwner(server.urls, `UPDATE organisation SET status = 'suspended' WHERE id = '${organisation}'`);
      const headers = { authorization: `DPoP ${accessToken}`, dpop: await listProof(accessToken) };
      expect((await get('/v1/services', headers)).status).toBe(401);
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

  it('takes ES256 as well, where the certificate says so, and not in place of another key', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', publicKey as CryptoKey);
    const es: ProofKey = {
      alg: 'ES256',
      publicJwk: { kty: kty ?? '', crv: crv ?? '', x: x ?? '', y: y ?? '' },
      privateKey,
    };
    const answer = await post(
      server,
      form(await makeAssertion(key, device, server.address)),
      await tokenProof(es),
    );
    expect(answer.status).toBe(200);
    const wrong = await post(
      server,
      form(await makeAssertion(es, device, server.address)),
      await tokenProof(es),
    );
    expect(wrong.status).toBe(401);
  });
});

async function freshKey() {
  const { signingKey } = await import('../../src/protocol/crypto/keys.js');
  return signingKey(randomBytes(32));
}
