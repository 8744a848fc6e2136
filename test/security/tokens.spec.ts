import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SignJWT, type JWTPayload } from 'jose';
import { makeProof, proofKey } from '../../src/client/proof.js';
import { newId, randomBytes, toBase64url } from '../../src/protocol/bytes.js';
import { signingKey } from '../../src/protocol/crypto/keys.js';
import { asOwner } from '../support/database.js';
import { Entrant } from '../support/entrant.js';
import { givenNetwork, type FoundedServer } from '../support/process.js';

/** RFC 6749, 7523 and 9449, as somebody would try them who means harm. */
describe('the token endpoint', () => {
  let server: FoundedServer;
  let entrant: Entrant;

  beforeAll(async () => {
    server = await givenNetwork();
    entrant = await Entrant.of(server.network.laRuelle.worker.state);
  });
  afterAll(() => server.stop());

  it('gives a token that is bound to the key, and says what it is', async () => {
    const answer = await entrant.post(await entrant.assertion(), await entrant.tokenProof());
    expect(answer).toMatchObject({ status: 200, body: { token_type: 'DPoP', expires_in: 300 } });
    const rows = await asOwner<{ hash: Buffer }>(server.urls, 'SELECT hash FROM access_token');
    expect(rows.some(({ hash }) => hash.toString('base64url') === answer.body.access_token)).toBe(false);
  });

  it('asks for its nonce: entrant.nonce, and names it', async () => {
    const proof = await makeProof(entrant.key, { method: 'POST', url: `${server.address}/v1/token` });
    const answer = await entrant.post(await entrant.assertion(), proof);
    expect(answer).toMatchObject({ status: 400, body: { error: 'use_dpop_nonce' } });
    expect(answer.nonce).not.toBe('');
  });

  it('takes a proof once, and an assertion once, on every process', async () => {
    const replica = await server.replica();
    try {
      const proof = await entrant.tokenProof();
      const assertion = await entrant.assertion();
      expect((await entrant.post(assertion, proof)).status).toBe(200);
      const again = await entrant.assertion();
      expect((await entrant.post(again, proof)).status).toBe(401);
      expect((await entrant.post(assertion, await entrant.tokenProof())).status).toBe(401);
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
    iss: entrant.device,
    sub: entrant.device,
    aud: server.address,
    jti: newId(),
    iat: now(),
    exp: now() + 60,
  });
  it.each<[string, (claims: JWTPayload) => JWTPayload]>([
    ['another audience', (claims) => ({ ...claims, aud: 'https://elsewhere.example' })],
    ['a list of audiences', (claims) => ({ ...claims, aud: [server.address, 'https://elsewhere.example'] })],
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
    expect((await entrant.post(assertion, await entrant.tokenProof())).status).toBe(401);
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
    const { privateKey } = entrant.key;
    const parts = [header, good()].map((part) => toBase64url(new TextEncoder().encode(JSON.stringify(part))));
    const input = parts.join('.');
    const signature = await crypto.subtle.sign(
      'Ed25519',
      privateKey as CryptoKey,
      new TextEncoder().encode(input),
    );
    const assertion = `${input}.${toBase64url(new Uint8Array(signature))}`;
    expect((await entrant.post(assertion, await entrant.tokenProof())).status).toBe(401);
  });

  it('refuses alg none, a key of another device, and a signature by the proof’s own key', async () => {
    const none = [{ alg: 'none' }, good()]
      .map((part) => toBase64url(new TextEncoder().encode(JSON.stringify(part))))
      .join('.');
    expect((await entrant.post(`${none}.`, await entrant.tokenProof())).status).toBe(401);
    const stranger = await proofKey(signingKey(randomBytes(32)));
    const assertion = await entrant.assertion(stranger);
    expect((await entrant.post(assertion, await entrant.tokenProof(stranger))).status).toBe(401);
  });

  it('refuses duplicate claims and a tail that is not canonical', async () => {
    const text = JSON.stringify(good()).replace('{', `{"iss":"${newId()}",`);
    const input = `${toBase64url(new TextEncoder().encode('{"alg":"Ed25519"}'))}.${toBase64url(new TextEncoder().encode(text))}`;
    const bytes = new TextEncoder().encode(input);
    const signature = new Uint8Array(
      await crypto.subtle.sign('Ed25519', entrant.key.privateKey as CryptoKey, bytes),
    );
    expect(
      (await entrant.post(`${input}.${toBase64url(signature)}`, await entrant.tokenProof())).status,
    ).toBe(401);
    const honest = await entrant.assertion();
    const last = honest.at(-1) ?? '';
    const bent = `${honest.slice(0, -1)}${'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.indexOf(last) + 1] ?? 'B'}`;
    expect((await entrant.post(bent, await entrant.tokenProof())).status).toBe(401);
  });

  it('refuses a parameter that is given twice, and a body that is no form', async () => {
    const twice = await fetch(`${server.address}/v1/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', dpop: await entrant.tokenProof() },
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
    return new SignJWT(claims).setProtectedHeader(header).sign(entrant.key.privateKey);
  }
});
