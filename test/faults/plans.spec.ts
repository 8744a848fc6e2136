import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asOwner, givenDatabase, until } from '../support/machines/database.js';
import { generically, Multiplied } from '../support/machines/plans.js';
import { givenPrincipals, PRINCIPALS, type PrincipalName } from '../support/network/principals.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';
import { givenRequests, rawRequest } from '../support/requests/requests.js';
import matrix from '../security/access-matrix.json' with { type: 'json' };

const RECORDER = new URL('../support/machines/statement-recorder.js', import.meta.url).href;

/** Of these a network has few rows, and never none for long after many: statistics keep up with them. */
const SMALL = new Set([
  ...[
    'network',
    'registry_head',
    'directory_version',
    'log',
    'log_head',
    'witness',
    'log_checkpoint',
    'log_cosignature',
  ],
  ...[
    'log_witnessed',
    'organisation',
    'service',
    'service_profile',
    'service_capacity',
    'device',
    'charter_version',
  ],
]);
/** Twice what the sequencer takes at a time. */
const BURST = 16_384;

/**
 * A named statement is planned once on each connection; the plan may have been made while its tables were
 * empty.
 */
describe('a plan that is kept', () => {
  const record = mkdtempSync(join(tmpdir(), 'relais-plans-'));
  const file = join(record, 'statements');
  let server: FoundedServer;

  beforeAll(async () => {
    const args = process.env['RELAIS_NODE_ARGS'];
    process.env['RELAIS_NODE_ARGS'] = `${args ?? ''} --import ${RECORDER}`;
    server = await givenNetwork(undefined, {}, { RECORD_STATEMENTS: file });
    process.env['RELAIS_NODE_ARGS'] = args ?? '';
  });
  afterAll(async () => {
    await server.stop();
    rmSync(record, { recursive: true, force: true });
  });

  /** Each route as somebody who may: its statements are run. */
  async function askEverything(): Promise<void> {
    const [requests, principals] = [await givenRequests(server), await givenPrincipals(server)];
    for (const [route, row] of Object.entries(matrix)) {
      const name = Object.keys(row).find(isPrincipal) ?? 'sender';
      const by = principals[name];
      await by.caller.send(rawRequest(route, (await requests[route]?.(by)) ?? {}));
    }
  }

  function recorded(): { name: string; text: string }[] {
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    return lines.map((line) => JSON.parse(line) as { name: string; text: string });
  }

  it('multiplies no sizes, though it was made when all tables were empty', async () => {
    await askEverything();
    const named = recorded();
    expect(named.length).toBeGreaterThan(60);
    const empty = await givenDatabase();
    await asOwner(empty, 'VACUUM (ANALYZE)');
    const { plans, unique } = await generically(
      empty,
      named.map(({ text }) => text),
    );
    const wrong = plans.flatMap((plan, i) =>
      new Multiplied(plan, unique, SMALL).find().map((what) => `${named[i]?.name ?? ''} reads ${what}`),
    );
    expect(wrong).toEqual([]);
  }, 180_000);

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
    const sql = 'SELECT FROM log_pending LIMIT 1';
    await until(async () => (await asOwner(server.urls, sql)).length === 0);
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

function isPrincipal(name: string): name is PrincipalName {
  return (PRINCIPALS as readonly string[]).includes(name);
}
