import { readFileSync } from 'node:fs';
import pg from 'pg';
import { newId } from '../../../src/protocol/encoding/bytes.js';
import { connectionOptions, onDatabase, type DatabaseUrls } from '../../../src/database/index.js';

/** A migrated copy of the schema for one spec file: 0.1–0.2 s, by PostgreSQL's own copying. */
export async function givenDatabase(): Promise<DatabaseUrls> {
  const cluster = JSON.parse(readFileSync(process.env['RELAIS_TEST_CLUSTER'] ?? '', 'utf8')) as DatabaseUrls;
  const name = `test_${newId().replaceAll('-', '')}`;
  await asOwner(cluster, `CREATE DATABASE ${name} TEMPLATE relais`, 'postgres');
  return onDatabase(cluster, name);
}

/** Runs SQL as the owner: what only whoever runs the machine could do. */
export async function asOwner<T extends pg.QueryResultRow>(
  urls: DatabaseUrls,
  sql: string,
  database?: string,
): Promise<T[]> {
  return run<T>(database === undefined ? urls.owner : onDatabase(urls, database).owner, sql);
}

/** Runs SQL with the application's login: what a thief of its password could do, and the server itself. */
export async function asApplication<T extends pg.QueryResultRow>(
  urls: DatabaseUrls,
  sql: string,
  values: readonly unknown[] = [],
): Promise<T[]> {
  return run<T>(urls.application, sql, values);
}

async function run<T extends pg.QueryResultRow>(
  url: string,
  sql: string,
  values: readonly unknown[] = [],
): Promise<T[]> {
  const client = new pg.Client(connectionOptions(url));
  // a database that is killed tells the idle as well; whoever asks something is told by the answer
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<T>(sql, [...values])).rows;
  } finally {
    await client.end();
  }
}

/**
 * Moves domain time on, for every process that uses this database. `interval` as PostgreSQL writes it: `15
 * days`.
 */
export async function shiftClock(urls: DatabaseUrls, interval: string): Promise<void> {
  await asOwner(
    urls,
    `CREATE OR REPLACE FUNCTION domain_now() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT now() + interval ''${interval}'''`,
  );
}

/** Holds a table, as the owner, so that whatever touches it stands still there until it is let go. */
export async function holdTable(urls: DatabaseUrls, table: string): Promise<() => Promise<void>> {
  const client = new pg.Client(connectionOptions(urls.owner));
  await client.connect();
  await client.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
  return () => client.end();
}

/** Resolves once so many sessions of this database stand still at a lock. */
export async function untilWaiting(urls: DatabaseUrls, sessions: number): Promise<void> {
  const sql = `SELECT count(DISTINCT pid)::int AS n FROM pg_locks l JOIN pg_database d ON d.oid = l.database
    WHERE d.datname = current_database() AND NOT l.granted`;
  await until(async () => ((await asOwner<{ n: number }>(urls, sql))[0]?.n ?? 0) >= sessions);
}

/**
 * Resolves once the feed shows every event that is there. It is read below the oldest transaction that runs
 * anywhere in this PostgreSQL: the sequencer's, say, or another test's.
 */
export async function untilEventsSettle(urls: DatabaseUrls): Promise<void> {
  const hidden = 'SELECT FROM event WHERE xid >= pg_snapshot_xmin(pg_current_snapshot())';
  await until(async () => (await asOwner(urls, hidden)).length === 0);
}

/** Looks again and again; the test's own timeout is the end of it. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 50));
}
