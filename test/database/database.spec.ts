import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { asOwner, givenDatabase, shiftClock } from '../support/machines/database.js';
import { connectionOptions } from '../../src/database/connection.js';
import { Database, transaction } from '../../src/database/database.js';
import type { DatabaseUrls } from '../../src/database/logins.js';
import { compareMigrations, migrate, migrationDataSource } from '../../src/database/migrate.js';

describe('the database of a running server', () => {
  let urls: DatabaseUrls;
  let database: Database;

  beforeAll(async () => {
    urls = await givenDatabase();
    await asOwner(urls, 'CREATE TABLE note (id int PRIMARY KEY, day date, size bigint)');
    await asOwner(urls, 'GRANT SELECT, INSERT, UPDATE ON note TO relais_app');
    database = new Database(urls);
  });
  afterAll(async () => {
    await database.close();
  });

  it('reads a date as its own text and a long number as text', async () => {
    const { rows } = await database.app.query<object>(
      "SELECT date '2026-03-29' AS day, 9007199254740993::bigint AS size",
    );
    expect(rows).toEqual([{ day: '2026-03-29', size: '9007199254740993' }]);
  });

  it('does all of a transaction or nothing', async () => {
    const failing = transaction(database.app, async (tx) => {
      await tx.query('INSERT INTO note (id) VALUES (1)');
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect((await database.app.query('SELECT FROM note')).rowCount).toBe(0);
  });

  it('outlives the end of its connections: idle, in a transaction, and in the middle of a statement', async () => {
    const endAll = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE usename = 'relais_application' AND datname = current_database()`;
    await expect(
      transaction(database.app, async (tx) => {
        const { rows } = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
        await tx.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]).catch(() => undefined);
        await tx.query('SELECT 1');
      }),
    ).rejects.toThrow();
    await expect(database.app.query(endAll)).rejects.toThrow();
    expect((await database.app.query<object>('SELECT 1 AS answer')).rows).toEqual([{ answer: 1 }]);
  });

  it('runs a transaction again when PostgreSQL undid it for another’s sake', async () => {
    await database.app.query('INSERT INTO note (id) VALUES (11), (12)');
    const inOrder = (first: number, second: number): Promise<void> =>
      transaction(database.app, async (tx) => {
        await tx.query('UPDATE note SET size = coalesce(size, 0) + 1 WHERE id = $1', [first]);
        await tx.query('SELECT pg_sleep(0.2)');
        await tx.query('UPDATE note SET size = coalesce(size, 0) + 1 WHERE id = $1', [second]);
      });
    await Promise.all([inOrder(11, 12), inOrder(12, 11)]);
    const { rows } = await database.app.query<object>('SELECT size FROM note WHERE id IN (11, 12)');
    expect(rows).toEqual([{ size: '2' }, { size: '2' }]);
  });

  it('goes by a clock that tests move on', async () => {
    await shiftClock(urls, '15 days');
    const { rows } = await database.app.query<object>(
      "SELECT (domain_now() - now()) = interval '15 days' AS moved",
    );
    expect(rows).toEqual([{ moved: true }]);
  });
});

describe('the migrations', () => {
  it('can all be taken back, and run again', async () => {
    const { owner } = await givenDatabase();
    const source = await migrationDataSource(owner);
    const count = source.migrations.length;
    for (let i = 0; i < count; i++) await source.undoLastMigration();
    const left = await source.query<object[]>(
      `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind <> 'i'
         AND relname NOT LIKE 'migrations%'`,
    );
    await source.destroy();
    expect(left).toEqual([]);
    expect(await migrate(owner)).toBe(count);
  });

  it('run once when two processes start together', async () => {
    const urls = await givenDatabase();
    await asOwner(urls, 'DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    const ran = await Promise.all([migrate(urls.owner), migrate(urls.owner)]);
    expect(ran.sort((a, b) => a - b)[0]).toBe(0);
    expect(ran[1]).toBeGreaterThan(3);
  });

  it('are refused on a database that a newer Relais made', async () => {
    const urls = await givenDatabase();
    await asOwner(urls, `INSERT INTO migrations (timestamp, name) VALUES (9, 'Future9000000000000')`);
    await expect(migrate(urls.owner)).rejects.toThrow(/newer Relais \(Future9000000000000\)/);
    const client = new pg.Client(connectionOptions(urls.owner));
    await client.connect();
    expect(await compareMigrations(client)).toEqual({ missing: [], unknown: ['Future9000000000000'] });
    await client.end();
  });
});
