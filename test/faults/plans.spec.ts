import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { createApp } from '../../src/app.js';
import { foundDemo } from '../../src/cli/demo/network.js';
import { readConfig } from '../../src/server/config/index.js';
import { asOwner, givenDatabase, until } from '../support/database.js';
import { generically, Multiplied } from '../support/plans.js';
import { givenPrincipals, PRINCIPALS } from '../support/principals.js';
import { freePort, type FoundedServer } from '../support/process.js';
import { givenRequests, rawRequest } from '../support/requests.js';

/** Of these a network has few rows, and never none for long after many: statistics keep up with them. */
const SMALL = new Set([
  ...['network', 'registry_head', 'directory_version', 'log', 'witness', 'log_checkpoint', 'log_cosignature'],
  ...['log_witnessed', 'organisation', 'service', 'service_profile', 'service_capacity', 'device', 'charter_version'],
]);
/** Twice what the sequencer takes at a time. */
const BURST = 16_384;

/** A named statement is planned once on each connection; the plan may have been made while its tables were empty. */
describe('a plan that is kept', () => {
  const data = mkdtempSync(join(tmpdir(), 'relais-plans-'));
  const named = new Map<string, string>();
  let app: NestFastifyApplication;
  let server: FoundedServer;

  beforeAll(async () => {
    const spy = jest.spyOn(pg.Client.prototype, 'query');
    const [urls, port] = [await givenDatabase(), await freePort()];
    const address = `http://127.0.0.1:${port}`;
    const config = readConfig({
      RELAIS_DATA: data,
      RELAIS_ISSUER: address,
      RELAIS_REQUESTS_PER_MINUTE: '100000',
      DATABASE_URL: urls.application,
      DATABASE_OWNER_URL: urls.owner,
      DATABASE_SEQUENCER_URL: urls.sequencer,
    });
    app = await createApp(config);
    await app.listen(port, '127.0.0.1');
    const network = await foundDemo(address, readFileSync(join(data, 'founding-token'), 'utf8').trim());
    server = { address, urls, data, network } as FoundedServer;
    await askEverything();
    for (const [i, [query]] of spy.mock.calls.entries()) remember(query, spy.mock.contexts[i]);
    spy.mockRestore();
  }, 180_000);
  afterAll(async () => {
    await app.close();
    rmSync(data, { recursive: true, force: true });
  });

  /** Each route as everybody: whatever is answered, its statements have been run. */
  async function askEverything(): Promise<void> {
    const [requests, principals] = [await givenRequests(server), await givenPrincipals(server)];
    for (const [route, make] of Object.entries(requests))
      for (const name of PRINCIPALS) {
        const by = principals[name];
        await by.caller.send(rawRequest(route, await make(by)));
      }
  }

  function remember(query: unknown, client: unknown): void {
    const { name, text } = (query ?? {}) as { name?: string; text?: string };
    const { options } = (client as { connectionParameters: { options?: string } }).connectionParameters;
    if (name !== undefined && text !== undefined && options?.includes('force_generic_plan')) named.set(name, text);
  }

  it('multiplies no sizes, though it was made when all tables were empty', async () => {
    expect(named.size).toBeGreaterThan(60);
    const empty = await givenDatabase();
    await asOwner(empty, 'VACUUM (ANALYZE)');
    const { plans, unique } = await generically(empty, [...named.values()]);
    const wrong = [...named.keys()].flatMap((name, i) => {
      const plan = plans[i];
      const found = plan ? new Multiplied(plan, unique, SMALL).find() : ['no plan'];
      return found.map((what) => `${name} reads ${what}`);
    });
    expect(wrong).toEqual([]);
  });

  it('is none of the sequencer’s: it empties a full outbox in one pass, though it had planned for an empty one', async () => {
    await asOwner(server.urls, 'ALTER TABLE log_pending SET (autovacuum_enabled = off)');
    await untilTaken();
    await asOwner(server.urls, 'VACUUM (ANALYZE) log_pending');
    // a few rounds, so that each connection has planned
    await new Promise((resolve) => setTimeout(resolve, 4000));
    const before = await rowsRead();
    await asOwner(
      server.urls,
      `INSERT INTO log_pending (id, leaf) SELECT gen_random_uuid(), '\\x01'::bytea || sha256(int4send(n)) FROM generate_series(1, ${BURST}) n`,
    );
    await untilTaken();
    // statistics are written within a second of a transaction's end
    await until(async () => (await rowsRead()).deleted - before.deleted >= BURST);
    expect((await rowsRead()).read - before.read).toBeLessThan(10 * BURST);
  }, 120_000);

  async function untilTaken(): Promise<void> {
    const sql = 'SELECT count(*)::int AS n FROM log_pending';
    await until(async () => (await asOwner<{ n: number }>(server.urls, sql))[0]?.n === 0);
  }

  async function rowsRead(): Promise<{ read: number; deleted: number }> {
    const [row] = await asOwner<{ read: number; deleted: number }>(
      server.urls,
      `SELECT (seq_tup_read + coalesce(idx_tup_fetch, 0))::int AS read, n_tup_del::int AS deleted
       FROM pg_stat_user_tables WHERE relname = 'log_pending'`,
    );
    return row ?? { read: 0, deleted: 0 };
  }
});
