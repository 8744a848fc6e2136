import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate, startEmbedded, type EmbeddedDatabase } from '../../src/database/index.js';
import { Entrant } from '../support/network/entrant.js';
import { enrolForeign, type Algorithm } from '../support/machines/foreign.js';
import { malleated, otherTail } from '../support/requests/jws-tricks.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';
import { changed } from '../support/requests/tokens.js';

/** On a PostgreSQL of its own: it is killed here. */
const directory = mkdtempSync(join(tmpdir(), 'relais-replay-'));
let database: EmbeddedDatabase;
let server: FoundedServer;

beforeAll(async () => {
  database = await startEmbedded(directory);
  await migrate(database.urls.owner);
  server = await givenNetwork(database.urls);
});
afterAll(async () => {
  await server.stop();
  await database.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** Whoever has recorded a request, to the last byte, has nothing. */
describe.each<Algorithm>(['Ed25519', 'ES256'])('a recorded request, with %s', (alg) => {
  let entrant: Entrant;
  beforeAll(async () => {
    const device = await enrolForeign(server.network.laRuelle, alg);
    entrant = await Entrant.at(server.address, device.id, device.key);
  });

  interface Recorded {
    readonly assertion: string;
    readonly tokenProof: string;
    readonly accessToken: string;
    readonly proof: string;
  }

  /** A request for a token and one with it, both of which were taken. */
  async function record(): Promise<Recorded> {
    const [assertion, tokenProof] = [await entrant.assertion(), await entrant.tokenProof()];
    const answer = await entrant.post(assertion, tokenProof);
    expect(answer.status).toBe(200);
    const accessToken = String(answer.body['access_token']);
    const proof = await entrant.proof(accessToken);
    expect(await services(accessToken, proof)).toBe(200);
    return { assertion, tokenProof, accessToken, proof };
  }

  async function services(accessToken: string, dpop: string, address = server.address): Promise<number> {
    const headers = { authorization: `DPoP ${accessToken}`, dpop };
    return (await entrant.get('/v1/services', headers, address)).status;
  }

  /**
   * Each part shown again, the others fresh, so that it is this part that is refused; and the fresh ones are
   * good.
   */
  async function requireUseless(
    { assertion, tokenProof, accessToken, proof }: Recorded,
    address = server.address,
  ): Promise<void> {
    const here = await entrant.before(address);
    const post = async (shown: string, proven: string) => {
      const { status, body } = await here.post(shown, proven, address);
      return [status, body['error']];
    };
    const why = address === server.address ? 'invalid_dpop_proof' : 'use_dpop_nonce';
    expect(await post(assertion, await here.tokenProof())).toEqual([401, 'invalid_client']);
    expect(await post(await here.assertion(), tokenProof)).toEqual([400, why]);
    expect(await services(accessToken, proof, address)).toBe(401);
    expect(await post(await here.assertion(), await here.tokenProof())).toEqual([200, undefined]);
    expect(await services(accessToken, await here.proof(accessToken), address)).toBe(200);
  }

  it('is good once', async () => {
    await requireUseless(await record());
  });

  it('is not good at another door, nor with another method', async () => {
    const { accessToken, tokenProof } = await record();
    const headers = { authorization: `DPoP ${accessToken}`, dpop: await entrant.proof(accessToken) };
    expect((await entrant.get('/v1/referrals', headers)).status).toBe(401);
    const head = await fetch(`${server.address}/v1/services`, { method: 'HEAD', headers });
    expect(head.status).toBe(401);
    expect(await services(accessToken, tokenProof)).toBe(401);
    expect(await services(accessToken, headers.dpop)).toBe(200);
  });

  it('does not lend its jti to a proof for another door', async () => {
    const accessToken = await entrant.token();
    const jti = 'chosen-by-the-client';
    const first = await changed({ claims: (good) => ({ ...good, jti }) }, 'proof', entrant, accessToken);
    expect(await services(accessToken, first)).toBe(200);
    const htu = `${server.address}/v1/referrals`;
    const other = await changed({ claims: (good) => ({ ...good, jti, htu }) }, 'proof', entrant, accessToken);
    const headers = { authorization: `DPoP ${accessToken}`, dpop: other };
    expect((await entrant.get('/v1/referrals', headers)).status).toBe(401);
  });

  it('is not good in another spelling', async () => {
    const { assertion, proof, accessToken } = await record();
    const spellings = alg === 'ES256' ? [malleated, otherTail] : [otherTail];
    for (const spell of spellings) {
      expect((await entrant.post(spell(assertion), await entrant.tokenProof())).status).toBe(401);
      expect(await services(accessToken, spell(proof))).toBe(401);
    }
  });

  it('is taken once of twenty at the same moment, on two processes', async () => {
    const twin = await server.twin();
    try {
      const accessToken = await entrant.token();
      for (const by of [entrant, await entrant.before(twin.address)]) {
        const proof = await by.proof(accessToken);
        const addresses = Array.from({ length: 20 }, (_, i) => [server.address, twin.address][i % 2]);
        const statuses = await Promise.all(addresses.map((address) => services(accessToken, proof, address)));
        expect(statuses.filter((status) => status === 200)).toHaveLength(1);
        expect(statuses.filter((status) => status === 401)).toHaveLength(19);
      }
    } finally {
      await twin.kill();
    }
  });

  it('is not good at another process, nor after that one was killed and started again', async () => {
    const recorded = await record();
    const twin = await server.twin();
    await requireUseless(recorded, twin.address);
    const accessToken = await entrant.token();
    const there = await entrant.before(twin.address);
    const [proof, unused] = [await there.proof(accessToken), await there.proof(accessToken)];
    expect(await services(accessToken, proof, twin.address)).toBe(200);
    await twin.kill();
    expect(await services(accessToken, proof)).toBe(401);
    const started = await twin.again();
    try {
      for (const shown of [proof, unused])
        expect(await services(accessToken, shown, started.address)).toBe(401);
      await requireUseless(recorded, started.address);
    } finally {
      await started.kill();
    }
  });

  it('is not good after PostgreSQL was killed: assertions are logged, proofs are not its matter, tokens have ended', async () => {
    const { assertion, tokenProof, accessToken, proof } = await record();
    const killed = database.pid;
    process.kill(killed, 'SIGKILL');
    entrant = await untilServing();
    expect(database.pid).not.toBe(killed);
    expect((await entrant.post(assertion, await entrant.tokenProof())).status).toBe(401);
    const again = await entrant.post(await entrant.assertion(), tokenProof);
    expect([again.status, again.body['error']]).toEqual([400, 'invalid_dpop_proof']);
    expect(await services(accessToken, proof)).toBe(401);
    expect(await services(accessToken, await entrant.proof(accessToken))).toBe(401);
    const renewed = await entrant.token();
    expect(await services(renewed, await entrant.proof(renewed))).toBe(200);
  });

  /** The same device, with the nonce of now. */
  async function untilServing(): Promise<Entrant> {
    for (;;) {
      const again = await Entrant.at(server.address, entrant.device, entrant.key);
      const { status } = await again
        .post(await again.assertion(), await again.tokenProof())
        .catch(() => ({ status: 0 }));
      if (status === 200) return again;
      expect([0, 400, 503]).toContain(status);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
});
