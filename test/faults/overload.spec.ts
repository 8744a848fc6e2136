import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { getReferral, listReferrals, type Device } from '../../src/client/index.js';
import { newId } from '../../src/protocol/encoding/bytes.js';
import { asOwner, holdTable, until, untilWaiting } from '../support/machines/database.js';
import { impatient } from '../support/requests/impatient.js';
import {
  givenReferral,
  givenSend,
  postAct,
  postSend,
  storedOf,
  withdrawalOf,
  type SendBody,
} from '../support/network/makers.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

/** Connections of a server process to its database. */
const CONNECTIONS = 10;
const ACTS_THAT_WAIT = `SELECT FROM pg_stat_activity
  WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'WITH claim AS%'`;

describe('a server whose connections are all taken', () => {
  let server: FoundedServer;
  let release: () => Promise<void>;
  let goes: AbortController;
  let sender: Device;
  let receiver: Device;

  beforeAll(async () => {
    server = await givenNetwork();
  });
  afterEach(() => release());
  afterAll(() => server.stop());

  async function standStill(): Promise<void> {
    goes = new AbortController();
    const at = { address: server.address, goes: goes.signal };
    sender = await impatient(server.network.laRuelle.worker, at);
    receiver = await impatient(server.network.clinique.worker, at);
    // each has its token before the server stands still
    for (const device of [sender, receiver]) await listReferrals(device, 'inbox');
    release = await holdTable(server.urls, 'referral');
  }

  async function takeAllConnections(): Promise<void> {
    for (let i = 0; i < CONNECTIONS; i++) listReferrals(receiver, 'inbox').catch(() => undefined);
    await untilWaiting(server.urls, CONNECTIONS);
  }

  /** Every request that the server had is answered, or given up. */
  async function goOn(): Promise<void> {
    await release();
    await until(async () => (await fetch(`${server.address}/health/ready`)).status === 200);
    await listReferrals(server.network.laRuelle.worker, 'outbox');
  }

  it('carries out none of thirty sends whose clients have gone meanwhile, and each when it is sent again', async () => {
    const sends: { body: SendBody; key: string }[] = [];
    while (sends.length < 30) sends.push({ ...(await givenSend(server.network)), key: newId() });
    await standStill();
    await takeAllConnections();
    const abandoned = Promise.allSettled(sends.map(({ body, key }) => postSend(sender, body, key)));
    // time for the last byte of each to arrive
    await new Promise((resolve) => setTimeout(resolve, 500));
    goes.abort();
    await abandoned;
    await goOn();
    for (const { body } of sends) expect((await storedOf(server, body.referral)).statements).toBe(0);
    for (const { body, key } of sends)
      expect(await postSend(server.network.laRuelle.worker, body, key)).toMatchObject({
        status: 'requested',
      });
  });

  it('undoes an act whose client goes while it waits in the middle', async () => {
    const { referral } = await givenReferral(server, 'received');
    await standStill();
    const accepted = postAct(receiver, referral, { event: 'accept' });
    await untilWaiting(server.urls, 1);
    goes.abort();
    await expect(accepted).rejects.toThrow();
    await until(async () => (await asOwner(server.urls, ACTS_THAT_WAIT)).length === 0);
    await goOn();
    expect((await getReferral(server.network.clinique.worker, referral)).status).toBe('received');
  });

  it('carries out a withdrawal, though the person has gone: their word was said', async () => {
    const { body, given, person } = await givenSend(server.network);
    await postSend(server.network.laRuelle.worker, body);
    const statement = withdrawalOf(
      body.statements.map(({ jws }) => jws),
      given,
      person.sign,
    );
    await standStill();
    const said = fetch(`${server.address}/v1/receipts/withdrawals`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ statement }),
      signal: goes.signal,
    });
    await untilWaiting(server.urls, 1);
    goes.abort();
    await expect(said).rejects.toThrow();
    await release();
    await until(async () => {
      const { status } = await getReferral(server.network.clinique.worker, body.referral);
      return status === 'cancelled';
    });
    expect(await storedOf(server, body.referral)).toEqual({ handoffs: 0, wraps: 0, statements: 3 });
  });

  it('turns away at once whom it could not serve in time, says so, and works again by itself', async () => {
    await standStill();
    await takeAllConnections();
    const arrived: { place: number; answer: Response }[] = [];
    const asked = Array.from({ length: 300 }, async (_, place) => {
      const answer = await fetch(`${server.address}/v1/network`);
      arrived.push({ place, answer });
    });
    expect((await fetch(`${server.address}/health/live`)).status).toBe(200);
    await until(() => Promise.resolve(arrived.length > 0));
    expect(arrived[0]?.place).toBeGreaterThan(CONNECTIONS);
    await goOn();
    await Promise.all(asked);
    const refused = arrived.filter(({ answer }) => answer.status !== 200);
    expect(refused.length).toBeGreaterThan(0);
    for (const { answer } of refused) {
      expect(answer.status).toBe(503);
      expect(answer.headers.get('retry-after')).toBe('2');
      expect(await answer.json()).toMatchObject({ type: '/problems/overloaded' });
    }
  });
});
