import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { acknowledge, act, Device, events, type EventPage } from '../../src/client/index.js';
import { referSomebody } from '../../src/cli/demo/referral.js';
import { newId } from '../../src/protocol/encoding/bytes.js';
import { asOwner, shiftClock, until } from '../support/machines/database.js';
import { givenReferral } from '../support/network/makers.js';
import { movedTo } from '../support/requests/impatient.js';
import { givenNetwork, type FoundedServer, type ServerProcess } from '../support/machines/process.js';

jest.setTimeout(60_000);

interface Of {
  readonly worker: Device;
  readonly service: string;
}

describe('the events of a service', () => {
  let server: FoundedServer;
  let replica: ServerProcess;

  beforeAll(async () => {
    server = await givenNetwork();
    replica = await server.replica();
  });
  afterAll(async () => {
    await replica.kill();
    await server.stop();
  });

  const sender = () => server.network.laRuelle;
  const receiver = () => server.network.clinique;

  /**
   * What was written before is told once every older transaction, of whatever kind, has ended: a clock's,
   * say.
   */
  async function settled(): Promise<void> {
    const [row] = await asOwner<{ xid: string }>(server.urls, 'SELECT pg_current_xact_id()::text AS xid');
    const past = `SELECT pg_snapshot_xmin(pg_current_snapshot()) > '${row?.xid ?? ''}'::xid8 AS past`;
    await until(async () => (await asOwner<{ past: boolean }>(server.urls, past))[0]?.past === true);
  }

  async function page({ worker, service }: Of, query: Record<string, string> = {}): Promise<EventPage> {
    await settled();
    return worker.session.json({ method: 'GET', path: '/v1/events', query: { service, ...query } });
  }

  /** Where the feed of a service stands now. */
  async function here(of: Of = receiver()): Promise<string> {
    return (await page(of)).next;
  }

  function typesOf({ items }: EventPage, referral: string): string[] {
    return items.filter((each) => each.referral === referral).map(({ type }) => type);
  }

  it('tell both services of each act, in its order, and nothing but ids', async () => {
    const [theirs, ours] = [await here(receiver()), await here(sender())];
    const { referral, receipt } = await givenReferral(server, 'accepted');
    await receipt.withdraw();
    for (const [of, after] of [
      [receiver(), theirs],
      [sender(), ours],
    ] as const) {
      const { items, anew } = await page(of, { after });
      expect(anew).toBe(false);
      expect(items.map(({ type }) => type)).toEqual([
        'referral.requested',
        'referral.status',
        'referral.status',
        'referral.withdrawn',
      ]);
      for (const item of items) {
        expect(Object.keys(item).sort()).toEqual(['at', 'id', 'referral', 'type']);
        expect(item.referral).toBe(referral);
        // closed by now: the day is left
        expect(item.at).toMatch(/^\d{4}-\d\d-\d\dT00:00:00Z$/);
      }
    }
  });

  it('are dated to the hour while the referral is open', async () => {
    const after = await here();
    const { referral } = await givenReferral(server);
    const [item] = (await page(receiver(), { after })).items;
    expect(item).toMatchObject({ referral, at: `${new Date().toISOString().slice(0, 13)}:00:00Z` });
  });

  it('tell of a withdrawal after the end', async () => {
    const { referral, receipt } = await givenReferral(server, 'completed');
    const after = await here();
    await receipt.withdraw();
    expect(typesOf(await page(receiver(), { after }), referral)).toEqual(['referral.withdrawn']);
  });

  it('tell of what the clock did', async () => {
    const { referral } = await givenReferral(server);
    const after = await here();
    await shiftClock(server.urls, '400 hours');
    let said: string[] = [];
    while (said.length === 0) said = typesOf(await page(receiver(), { after, wait: '5' }), referral);
    await shiftClock(server.urls, '0 days');
    expect(said).toEqual(['referral.status']);
  });

  it('come page by page, each once, and again from an earlier cursor', async () => {
    const after = await here();
    const referrals: string[] = [];
    for (let i = 0; i < 5; i++) referrals.push((await givenReferral(server)).referral);
    const seen: string[] = [];
    let cursor = after;
    for (let last = -1; seen.length > last;) {
      last = seen.length;
      const { items, next } = await page(receiver(), { after: cursor, limit: '2' });
      seen.push(...items.map(({ referral }) => referral));
      cursor = next;
    }
    expect(seen).toEqual(referrals);
    const again = await page(receiver(), { after });
    expect(again.items.map(({ referral }) => referral)).toEqual(referrals);
  });

  it('say to list anew without a place, and where the place is older than what is kept', async () => {
    const first = await page(receiver());
    expect(first).toMatchObject({ items: [], anew: true });
    await givenReferral(server);
    await shiftClock(server.urls, '27 days');
    expect((await page(receiver(), { after: first.next })).anew).toBe(false);
    await shiftClock(server.urls, '31 days');
    const late = await page(receiver(), { after: first.next });
    expect(late).toMatchObject({ items: [], anew: true });
    expect((await page(receiver(), { after: late.next })).anew).toBe(false);
    await shiftClock(server.urls, '0 days');
  });

  it('are not another’s: service, cursor, list', async () => {
    const strangers = { worker: sender().worker, service: receiver().service };
    await expect(page(strangers)).rejects.toMatchObject({ code: 'not_found', status: 404 });
    await expect(page({ ...strangers, service: newId() })).rejects.toMatchObject({ code: 'not_found' });
    const after = await here(sender());
    await expect(page(receiver(), { after })).rejects.toMatchObject({ code: 'input_invalid' });
    const place = await here();
    const changed = `${place.slice(0, -1)}${place.endsWith('A') ? 'Q' : 'A'}`;
    await expect(page(receiver(), { after: changed })).rejects.toMatchObject({ code: 'input_invalid' });
  });

  it('tell nothing by their cursors: neither a transaction nor a time can be read', async () => {
    const [cursor] = [await here()];
    const [row] = await asOwner<{ xid: string }>(server.urls, 'SELECT pg_current_xact_id()::text AS xid');
    const bytes = Buffer.from(cursor, 'base64url').toString('latin1');
    expect(bytes).not.toContain(row?.xid.slice(0, -1) ?? '');
    expect(bytes).not.toContain('2026');
  });

  it('wake who waits for them, on every process, within a second or two', async () => {
    const there = await Device.start(movedTo(receiver().worker.state, replica.address));
    for (const worker of [receiver().worker, there]) {
      const of = { worker, service: receiver().service };
      const after = await here(of);
      const waiting = page(of, { after, wait: '25' });
      await new Promise((done) => setTimeout(done, 300));
      const sent = Date.now();
      const { referral } = await givenReferral(server);
      expect(typesOf(await waiting, referral)).toEqual(['referral.requested']);
      expect(Date.now() - sent).toBeLessThan(5_000);
    }
  });

  it('let who waits go when the time is up, with a place to go on from', async () => {
    const after = await here();
    const asked = Date.now();
    const { items, next, anew } = await page(receiver(), { after, wait: '1' });
    expect([items, anew]).toEqual([[], false]);
    expect(Date.now() - asked).toBeGreaterThan(900);
    expect(typeof next).toBe('string');
  });

  it('are followed by the client over restarts of the app and of the server', async () => {
    const { worker, service } = receiver();
    let kept: string | undefined;
    const seen: string[] = [];
    const read = async () => {
      await settled();
      for await (const { items, next } of events(worker, service, { after: kept, wait: 0 })) {
        seen.push(...items.map(({ type, referral }) => `${type} ${referral}`));
        kept = next;
      }
    };
    await read();
    const { referral } = await referSomebody(server.network, { calledName: 'Sam' });
    await read();
    await server.kill();
    server = { ...(await server.again()), network: server.network };
    await acknowledge(worker, referral);
    await act(worker, referral, { event: 'accept' });
    await read();
    expect(seen).toEqual([
      `referral.requested ${referral}`,
      `referral.status ${referral}`,
      `referral.status ${referral}`,
    ]);
  });

  it('let go of everybody who waits when the server stops', async () => {
    const stopping = await server.replica();
    const worker = await Device.start(movedTo(receiver().worker.state, stopping.address));
    const of = { worker, service: receiver().service };
    const after = await here(of);
    const waiting = page(of, { after, wait: '25' });
    await new Promise((done) => setTimeout(done, 300));
    process.kill(stopping.pid, 'SIGTERM');
    const asked = Date.now();
    expect((await waiting).items).toEqual([]);
    expect(Date.now() - asked).toBeLessThan(5_000);
    await stopping.kill();
  });

  it('are erased after 30 days', async () => {
    const { referral } = await givenReferral(server);
    await asOwner(
      server.urls,
      `UPDATE event SET at = at - interval '31 days' WHERE referral = '${referral}'`,
    );
    // a process drops what is old soon after its start
    const fresh = await server.replica();
    const left = async () =>
      (await asOwner(server.urls, `SELECT FROM event WHERE referral = '${referral}'`)).length;
    while ((await left()) > 0) await new Promise((done) => setTimeout(done, 200));
    await fresh.kill();
  });
});
