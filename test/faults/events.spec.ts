import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { Device, type EventPage } from '../../src/client/index.js';
import { connectionOptions } from '../../src/database/index.js';
import { newId } from '../../src/protocol/encoding/bytes.js';
import { movedTo } from '../support/requests/impatient.js';
import { givenNetwork, type FoundedServer, type ServerProcess } from '../support/machines/process.js';
import { rounds } from '../support/machines/rounds.js';

const WRITERS = 12;
const EACH = rounds(25, 1_000);
jest.setTimeout(rounds(120_000, 3_600_000));

/** Transactions commit in another order than they began; whoever reads meanwhile must miss nothing. */
describe('events written by many at once, with commits that are late', () => {
  let server: FoundedServer;
  let replica: ServerProcess;
  let readers: Device[];

  beforeAll(async () => {
    server = await givenNetwork();
    replica = await server.replica();
    const { worker } = server.network.clinique;
    readers = [worker, await Device.start(movedTo(worker.state, replica.address))];
  });
  afterAll(async () => {
    await replica.kill();
    await server.stop();
  });

  const service = () => server.network.clinique.service;

  it('are read by everybody, each once, whatever the order, and none that was taken back', async () => {
    const places = await Promise.all(readers.map((reader) => read(reader, {})));
    const written = write();
    const seen = await Promise.all(
      readers.map((reader, i) => follow(reader, places[i]?.next ?? '', i === 0 ? '5' : '100', written)),
    );
    const expected = (await written).sort();
    expect(expected.length).toBeGreaterThan(WRITERS * EACH * 0.6);
    for (const each of seen) expect(each.sort()).toEqual(expected);
  });

  /** Ids of the referrals whose events were committed. */
  async function write(): Promise<string[]> {
    const committed = await Promise.all(Array.from({ length: WRITERS }, () => writeOnOneConnection()));
    return committed.flat();
  }

  async function writeOnOneConnection(): Promise<string[]> {
    const client = new pg.Client(connectionOptions(server.urls.application));
    await client.connect();
    const committed: string[] = [];
    for (let n = 0; n < EACH; n++) {
      const referral = newId();
      await client.query('BEGIN');
      // before or after the wait: a transaction has its number from its first write on
      if (n % 2) await client.query('SELECT pg_current_xact_id(), pg_sleep(random() * 0.1)');
      await client.query('INSERT INTO event (service, referral, type) VALUES ($1, $2, $3)', [
        service(),
        referral,
        'message.new',
      ]);
      if (n % 3) await client.query('SELECT pg_sleep(random() * 0.1)');
      const isKept = Math.random() < 0.8;
      await client.query(isKept ? 'COMMIT' : 'ROLLBACK');
      if (isKept) committed.push(referral);
    }
    await client.end();
    return committed;
  }

  /** Follows the feed until nothing has come after the last write. */
  async function follow(
    reader: Device,
    place: string,
    limit: string,
    written: Promise<unknown>,
  ): Promise<string[]> {
    const writing = { isOver: false };
    void written.then(() => (writing.isOver = true));
    const seen: string[] = [];
    for (let after = place; ;) {
      const wasOver = writing.isOver;
      const { items, next, anew } = await read(reader, { after, limit, wait: '1' });
      expect(anew).toBe(false);
      seen.push(...items.map(({ referral }) => referral));
      if (wasOver && items.length === 0) return seen;
      after = next;
    }
  }

  async function read(reader: Device, query: Record<string, string>): Promise<EventPage> {
    return reader.session.json({
      method: 'GET',
      path: '/v1/events',
      query: { service: service(), ...query },
    });
  }
});
