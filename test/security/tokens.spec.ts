import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { calculateJwkThumbprint } from 'jose';
import { makeProof } from '../../src/client/device/proof.js';
import { toBase64url, utf8 } from '../../src/protocol/encoding/bytes.js';
import { asOwner } from '../support/machines/database.js';
import { Entrant, type RawAnswer } from '../support/network/entrant.js';
import { enrolForeign, foreignKey, type Algorithm } from '../support/machines/foreign.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';
import { SMALL_ORDER } from '../support/requests/small-order.js';
import { tricksOf } from '../support/requests/token-tricks.js';
import { changed, type Change } from '../support/requests/tokens.js';

let server: FoundedServer;
beforeAll(async () => {
  server = await givenNetwork();
});
afterAll(() => server.stop());

/** RFC 6749, 7523 and 9449, as somebody would try them who means harm. */
describe.each<Algorithm>(['Ed25519', 'ES256'])('with a key for %s', (alg) => {
  let entrant: Entrant;

  beforeAll(async () => {
    const device = await enrolForeign(server.network.laRuelle, alg);
    entrant = await Entrant.at(server.address, device.id, device.key);
  });

  async function tokenFor(assertion: Change, proof: Change = {}): Promise<RawAnswer> {
    const made = [changed(assertion, 'assertion', entrant), changed(proof, 'proof', entrant)] as const;
    return entrant.post(...(await Promise.all(made)));
  }

  async function servicesFor(proof: Change): Promise<RawAnswer> {
    const accessToken = await entrant.token();
    const dpop = await changed(proof, 'proof', entrant, accessToken);
    return entrant.get('/v1/services', { authorization: `DPoP ${accessToken}`, dpop });
  }

  it('gives a token that is bound to the key, says what it is, and is stored as its hash only', async () => {
    const answer = await tokenFor({});
    expect(answer).toMatchObject({ status: 200, body: { token_type: 'DPoP', expires_in: 300 } });
    const rows = await asOwner<{ hash: Buffer }>(server.urls, 'SELECT hash FROM access_token');
    expect(rows.some(({ hash }) => hash.toString('base64url') === answer.body['access_token'])).toBe(false);
    expect((await servicesFor({})).status).toBe(200);
  });

  it('takes what OAuth libraries add of their own', async () => {
    const thumbprint = await calculateJwkThumbprint(entrant.key.publicJwk);
    const additions: Change[] = [
      { header: ({ typ: _, ...good }) => good },
      { header: (good) => ({ ...good, typ: 'client-authentication+jwt' }) },
      { header: (good) => ({ ...good, kid: thumbprint }) },
      { claims: (good) => ({ ...good, nbf: good['iat'], client: 'a claim that says nothing here' }) },
    ];
    for (const assertion of additions) expect(await tokenFor(assertion)).toMatchObject({ status: 200 });
    const jwk = { ...entrant.key.publicJwk, kid: 'mine', use: 'sig', key_ops: ['verify'], ext: true, alg };
    const proof: Change = { header: (good) => ({ ...good, jwk }) };
    expect(await tokenFor({}, proof)).toMatchObject({ status: 200 });
    expect(await servicesFor(proof)).toMatchObject({ status: 200 });
  });

  /** As a device signs whose clock is wrong by so many seconds, in all that it says of time. */
  const off = (seconds: number): Change => ({
    claims: (good) => {
      const at = (Number(good['iat']) || 0) + seconds;
      const until = good['exp'] === undefined ? {} : { exp: Number(good['exp']) + seconds };
      return { ...good, iat: at, nbf: at, ...until };
    },
  });

  it.each([-1_000_000_000, -3600, -90, 90, 3600, 1_000_000_000])(
    'is not hurt by a device’s clock that is wrong by %i s: what the proof’s key says is as new as the nonce',
    async (seconds) => {
      const wrong = off(seconds);
      expect(await servicesFor(wrong)).toMatchObject({ status: 200 });
      expect(await tokenFor(wrong, wrong)).toMatchObject({ status: 200 });
      expect(await tokenFor({}, wrong)).toMatchObject({ status: 200 });
    },
  );

  it.each([-3600, 3600])('goes by its own clock where another key proves (%i s)', async (seconds) => {
    const thief = await foreignKey(alg);
    const proof = await changed(
      off(seconds),
      'proof',
      await Entrant.at(server.address, entrant.device, thief),
    );
    const assertion = await changed(off(seconds), 'assertion', entrant);
    expect(await entrant.post(assertion, proof)).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    });
  });

  it('holds a proof to its own exp and nbf, by its own clock', async () => {
    const at = 1_500_000_000;
    for (const bent of [{ exp: at - 1 }, { exp: at }, { nbf: at + 3600 }])
      expect(await servicesFor({ claims: (good) => ({ ...good, iat: at, ...bent }) })).toMatchObject({
        status: 401,
      });
  });

  it('asks for its nonce, and names it', async () => {
    const proof = await makeProof(entrant.key, { method: 'POST', url: `${server.address}/v1/token` });
    const answer = await entrant.post(await entrant.assertion(), proof);
    expect(answer).toMatchObject({ status: 400, body: { error: 'use_dpop_nonce' } });
    expect(answer.nonce).not.toBe('');
  });

  it.each(tricksOf('assertion', alg))('refuses an assertion with $name', async (trick) => {
    expect(await tokenFor(trick)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });

  it.each(tricksOf('proof', alg))('refuses a proof with $name, for a token and with one', async (trick) => {
    const answer = await tokenFor({}, trick);
    expect(answer.status).toBe(400);
    expect(answer.body['error']).toMatch(/^(invalid_dpop_proof|use_dpop_nonce)$/);
    expect(await servicesFor(trick)).toMatchObject({ status: 401, body: { type: '/problems/unauthorised' } });
  });

  it('refuses a token’s proof without the token’s hash', async () => {
    expect(await servicesFor({ claims: ({ ath: _, ...good }) => good })).toMatchObject({ status: 401 });
  });

  it('refuses an assertion by another key, whoever proves it', async () => {
    const stranger = await foreignKey(alg);
    const assertion = await entrant.assertion(stranger);
    expect(await entrant.post(assertion, await entrant.tokenProof(stranger))).toMatchObject({ status: 401 });
    expect(await entrant.post(assertion, await entrant.tokenProof())).toMatchObject({ status: 401 });
  });

  it('takes no assertion for a proof, and no proof for an assertion', async () => {
    const [assertion, proof] = [await entrant.assertion(), await entrant.tokenProof()];
    expect(await entrant.post(assertion, assertion)).toMatchObject({ status: 400 });
    expect(await entrant.post(proof, proof)).toMatchObject({ status: 401 });
  });
});

describe('small-order keys', () => {
  it.each(SMALL_ORDER)('prove nothing, although WebCrypto verifies what nobody signed: %s', async (x) => {
    const entrant = await Entrant.of(server.network.laRuelle.worker.state);
    const proof = await forgedProof(x, entrant);
    const answer = await entrant.post(await entrant.assertion(), proof);
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_dpop_proof' } });
  });

  /** R = neutral element, S = 0: it holds for one text in eight at worst, so some jti is found. */
  async function forgedProof(x: string, entrant: Entrant): Promise<string> {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x };
    const signature = Uint8Array.from([1, ...new Uint8Array(63)]);
    const usages: KeyUsage[] = ['verify'];
    const publicKey = await crypto.subtle.importKey('jwk', jwk, 'Ed25519', false, usages);
    for (;;) {
      const header = { typ: 'dpop+jwt', alg: 'Ed25519', jwk };
      const jwt = await changed({ header: () => header, sign: () => signature }, 'proof', entrant);
      const signed = Uint8Array.from(utf8(jwt.slice(0, jwt.lastIndexOf('.'))));
      if (await crypto.subtle.verify('Ed25519', publicKey, signature, signed)) return jwt;
    }
  }
});

describe('the form', () => {
  async function postForm(init: RequestInit): Promise<number> {
    return (await fetch(`${server.address}/v1/token`, { method: 'POST', ...init })).status;
  }

  it('has each parameter once, and is a form', async () => {
    const twice = 'grant_type=client_credentials&grant_type=client_credentials';
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await postForm({ headers, body: twice })).toBe(400);
    expect(await postForm({ headers: { 'content-type': 'application/json' }, body: '{}' })).toBe(400);
  });

  it('names no other client than the assertion does', async () => {
    const { laRuelle, clinique } = server.network;
    const other = await Entrant.of(clinique.worker.state);
    const entrant = await Entrant.of(laRuelle.worker.state);
    expect(await other.post(await entrant.assertion(), await other.tokenProof())).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    });
  });
});

/** Certified keys are judged as a proof’s are. */
it('certifies no ES256 key whose point is off its curve', async () => {
  const key = await foreignKey('ES256');
  const { x } = key.publicJwk;
  const off = { ...key, publicJwk: { ...key.publicJwk, y: x ?? toBase64url(new Uint8Array(32)) } };
  await expect(enrolForeign(server.network.laRuelle, 'ES256', off)).rejects.toMatchObject({
    code: 'statement_invalid',
  });
});
