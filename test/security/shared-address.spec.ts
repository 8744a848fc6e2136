import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Receipt } from '../../src/client/index.js';
import { newId, toBase64url } from '../../src/protocol/encoding/bytes.js';
import { deriveReceipt, newCode, requireCode } from '../../src/protocol/encoding/codes.js';
import { sign } from '../../src/protocol/encoding/signed.js';
import { makeProof, proofKey } from '../../src/client/device/proof.js';
import { freshKey } from '../support/network/founders.js';
import { givenSend, postSend, withdrawalOf } from '../support/network/makers.js';
import {
  givenNetwork,
  givenServerProcess,
  type FoundedServer,
  type ServerProcess,
} from '../support/machines/process.js';
import { givenReceipt } from '../support/network/receipts.js';

const MOST = 5;
const SHELTER = '203.0.113.7';

/**
 * Many people share an address. Whoever sends wrong codes from it does not close the door for the others
 * behind it.
 */
describe('an address that somebody sends wrong codes from', () => {
  let server: FoundedServer;
  let door: ServerProcess;

  beforeAll(async () => {
    server = await givenNetwork();
    door = await givenServerProcess(server.urls, {
      RELAIS_DATA: server.data,
      RELAIS_REQUESTS_PER_MINUTE: String(MOST),
    });
  });
  afterAll(async () => {
    await door.stop();
    await server.stop();
  });

  const fromShelter: typeof fetch = (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set('x-forwarded-for', SHELTER);
    return fetch(input, { ...init, headers });
  };

  const withdraw = async (statement: object): Promise<number> => {
    const response = await fromShelter(`${door.address}/v1/receipts/withdrawals`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ statement }),
    });
    await response.arrayBuffer();
    return response.status;
  };

  /** A withdrawal in every form, of a consent that nobody gave. */
  const wrong = () => {
    const payload = {
      log: server.network.laRuelle.worker.consentLog,
      kind: 'consent.withdrawn',
      consent: newId(),
      referral: newId(),
      prev: toBase64url(new Uint8Array(32)),
      day: '2026-11-30',
      means: 'own-code',
      by: 'person',
    } as const;
    return {
      jws: sign('consent-statement+jws', payload, freshKey()),
      opening: toBase64url(new Uint8Array(32)),
    };
  };

  /** A proof by a code that is nobody's, without the server's nonce. */
  const guess = async (path: string): Promise<number> => {
    const url = door.address + path;
    const key = await proofKey((await deriveReceipt(requireCode(newCode()))).sign);
    const dpop = await makeProof(key, { method: 'GET', url });
    const response = await fromShelter(url, { headers: { dpop } });
    await response.arrayBuffer();
    return response.status;
  };

  const poison = async (): Promise<void> => {
    for (let i = 0; i < 2 * MOST; i++) {
      expect(await withdraw(wrong())).toBe(404);
      expect([401, 404]).toContain(await guess('/v1/receipt'));
      expect([401, 404]).toContain(await guess('/v1/receipt/story'));
    }
  };

  it('lets in whoever holds a paper: to see, to read and to withdraw', async () => {
    const { code } = await givenReceipt(server, { word: 'Tsehay', isOpened: true });
    await poison();
    const { receipt } = await Receipt.find(door.address, code, fromShelter);
    expect(await receipt.status()).toMatchObject({ status: 'received' });
    expect(await (await receipt.open('Tsehay')).story()).toMatchObject({ status: 'received' });
    expect(await receipt.withdraw()).toMatchObject({ status: 'cancelled' });
  });

  it('tells a wrong word what it tells it elsewhere, and an unreadable request that there were too many', async () => {
    const { code } = await givenReceipt(server, { word: 'Tsehay' });
    await poison();
    const { receipt } = await Receipt.find(door.address, code, fromShelter);
    await expect(receipt.open('wrong')).rejects.toMatchObject({ code: 'not_found' });
    for (const statement of [{}, { jws: 'a.b.c' }, { jws: 'x'.repeat(5000) }])
      expect(await withdraw(statement)).toBe(429);
    const answer = await fromShelter(`${door.address}/v1/receipt`, { headers: { dpop: 'nonsense' } });
    expect([answer.status, Number(answer.headers.get('retry-after')) > 0]).toEqual([429, true]);
  });

  it('lets a withdrawal through in the midst of a flood of wrong ones', async () => {
    const { body, given, person } = await givenSend(server.network);
    await postSend(server.network.laRuelle.worker, body);
    const right = withdrawalOf(
      body.statements.map(({ jws }) => jws),
      given,
      person.sign,
    );
    const flood = Array.from({ length: 300 }, () => withdraw(wrong()));
    const taken = withdraw(right);
    const more = Array.from({ length: 100 }, () => withdraw(wrong()));
    expect(await taken).toBe(200);
    for (const status of await Promise.all([...flood, ...more])) expect([404, 429, 503]).toContain(status);
  });

  it('keeps one receipt’s holder to the limit, and nobody else', async () => {
    const [busy, calm] = [await givenReceipt(server), await givenReceipt(server)];
    const receipt = await Receipt.fromCode(door.address, busy.code, (input, init) => {
      // nothing is tried again, so that the refusal is seen
      const headers = new Headers(init?.headers);
      headers.set('x-forwarded-for', '203.0.113.8');
      return fetch(input, { ...init, headers }).then((answer) =>
        answer.status === 429 ? Response.json({ type: '/problems/rate_limited' }, { status: 418 }) : answer,
      );
    });
    for (let i = 0; i < MOST; i++) await receipt.status();
    await expect(receipt.status()).rejects.toMatchObject({ code: 'rate_limited' });
    const other = await Receipt.fromCode(door.address, calm.code);
    expect(await other.status()).toMatchObject({ status: 'requested' });
  });

  it('takes no withdrawal that is longer than any', async () => {
    expect(await withdraw({ jws: 'x'.repeat(20_000), opening: '' })).toBe(413);
  });
});
