import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import { newId } from '../../src/protocol/encoding/bytes.js';
import { asOwner } from '../support/machines/database.js';
import { drain, givenLogs, type Logs } from '../support/log/logs.js';

const LEAVES = [
  'log_entries',
  'log_tile',
  'log_checkpoint',
  'registry_entry',
  'log_head',
  'registry_head',
  'log',
];

/** Openings, and what they would open: each partition is a table of its own. */
const SECRETS = ['statement', 'referral', 'handoff', 'handoff_wrap'].flatMap((table) => [
  table,
  `${table}_open`,
  `${table}_closed`,
]);

let logs: Logs;
beforeAll(async () => {
  logs = await givenLogs(0);
  await logs.register('first', 'second');
  await logs.append({ tag: newId(), number: 0 });
  await drain(logs.sequencer);
});
afterAll(async () => logs.close());

function refuses(pool: Pool, sql: string): Promise<void> {
  return expect(pool.query(sql)).rejects.toThrow(/permission denied|append-only|only grows/);
}

describe('a login that the server uses', () => {
  it.each(LEAVES)('deletes nothing of %s', async (table) => {
    for (const pool of [logs.database.app, logs.database.sequencer]) {
      await refuses(pool, `DELETE FROM ${table}`);
      await refuses(pool, `TRUNCATE ${table}`);
    }
  });

  it('changes no leaf, tile, checkpoint or registry entry', async () => {
    for (const pool of [logs.database.app, logs.database.sequencer]) {
      await refuses(pool, `UPDATE log_entries SET bytes = overlay(bytes PLACING '\\x00' FROM 10)`);
      await refuses(pool, `UPDATE log_tile SET bytes = overlay(bytes PLACING '\\x00' FROM 10)`);
      await refuses(
        pool,
        `UPDATE log_tile SET width = width - 1, bytes = substring(bytes FOR 32 * (width - 1))`,
      );
      await refuses(pool, `UPDATE log_checkpoint SET note = ''`);
      await refuses(pool, `UPDATE registry_entry SET text = 'other'`);
      await refuses(pool, `UPDATE log_head SET size = size - 1`);
      await refuses(pool, `UPDATE log_head SET root = decode(repeat('00', 32), 'hex')`);
    }
  });

  it('of the application adds to the outbox and cannot read it, nor write what is signed', async () => {
    const { app } = logs.database;
    await refuses(app, 'SELECT * FROM log_pending');
    await refuses(app, 'DELETE FROM log_pending');
    await refuses(app, `INSERT INTO log_entries VALUES (1, 9, 1, '\\x00')`);
    await refuses(app, `INSERT INTO log_position VALUES ('${newId()}', 1, 9)`);
    await refuses(app, `INSERT INTO log_checkpoint VALUES (1, 9, '')`);
    await refuses(app, `UPDATE log_head SET note = ''`);
  });

  it.each(SECRETS)('of the sequencer neither reads nor takes away anything of %s', async (table) => {
    await refuses(logs.database.sequencer, `SELECT FROM ${table}`);
    await refuses(logs.database.sequencer, `DELETE FROM ${table}`);
  });

  it('empties no table at all', async () => {
    const tables = await asOwner<{ name: string }>(
      logs.urls,
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`,
    );
    expect(tables.length).toBeGreaterThan(LEAVES.length + SECRETS.length);
    for (const { name } of tables)
      for (const pool of [logs.database.app, logs.database.sequencer])
        await refuses(pool, `TRUNCATE ${name} CASCADE`);
  });

  it('moves no leaf to another place', async () => {
    for (const pool of [logs.database.app, logs.database.sequencer])
      await refuses(pool, 'UPDATE log_position SET index = index + 1');
    await refuses(logs.database.sequencer, 'DELETE FROM log_position');
    await refuses(logs.database.sequencer, 'UPDATE log_pending SET number = 9');
  });

  it('of the application cannot put an anchor into the outbox', async () => {
    const anchor = `INSERT INTO log_pending (id, leaf) VALUES ('${newId()}', decode('02' || repeat('00', 32), 'hex'))`;
    await expect(logs.database.app.query(anchor)).rejects.toThrow('check constraint');
  });

  it('of the application cannot step back in the registry', async () => {
    await refuses(logs.database.app, 'UPDATE registry_head SET next = 0');
  });

  it('of the sequencer can put nothing into the outbox, and ends a log without changing it', async () => {
    const { sequencer } = logs.database;
    await refuses(sequencer, `INSERT INTO log_pending (id, leaf) VALUES ('${newId()}', '\\x01')`);
    await refuses(sequencer, `UPDATE log SET vkey = 'x'`);
    await refuses(sequencer, `UPDATE registry_head SET next = 0`);
    const { network, consent } = logs.identity;
    await expect(asOwner(logs.urls, `UPDATE log SET origin = 'relais-${network}'`)).rejects.toThrow(
      'only closed',
    );
    await expect(
      asOwner(logs.urls, `UPDATE log SET state = 'closed', year = ${consent.year + 1}`),
    ).rejects.toThrow('only closed');
  });
});

describe('the owner, too,', () => {
  it.each(LEAVES)('deletes nothing of %s without taking a trigger away first', async (table) => {
    await expect(asOwner(logs.urls, `DELETE FROM ${table}`)).rejects.toThrow(
      /append-only|violates foreign key/,
    );
    await expect(asOwner(logs.urls, `TRUNCATE ${table} CASCADE`)).rejects.toThrow('append-only');
  });
});
