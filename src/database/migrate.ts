import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import pg from 'pg';
import type { DataSource, MigrationInterface } from 'typeorm';
import { connectionOptions } from './connection.js';

type MigrationClass = new () => MigrationInterface;

/** Two processes that start together: one migrates, the other waits and finds it done. */
const MIGRATION_LOCK = 7_245_110;
const DIRECTORY = fileURLToPath(new URL('../../migrations/', import.meta.url));
const OLDEST = 150000;
const NEWEST = 190000;
const GROUPS = ['relais_app', 'relais_sequencer'];

/**
 * Brings the schema up to date with the owner's login, or to where it was when only these migrations were
 * known. Says how many migrations ran.
 */
export async function migrate(ownerUrl: string, until?: readonly string[]): Promise<number> {
  const lock = new pg.Client(connectionOptions(ownerUrl));
  // what breaks here also fails the query that waits for it
  lock.on('error', () => undefined);
  await lock.connect();
  try {
    await requireSupported(lock);
    await requireGroups(lock);
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const { missing, unknown } = await compareMigrations(lock, until);
    if (unknown.length > 0) {
      throw new Error(
        `This database was made by a newer Relais (${unknown.join(', ')}). Start that one, or a newer one.`,
      );
    }
    return missing.length === 0 ? 0 : await runMissing(ownerUrl, until);
  } finally {
    await lock.end();
  }
}

/** TypeORM's view of the database, with every migration; for migrating and for nothing else. */
export async function migrationDataSource(ownerUrl: string, until?: readonly string[]): Promise<DataSource> {
  // a third of a second of loading, which a start that has nothing to migrate goes without
  const { DataSource } = await import('typeorm');
  const source = new DataSource({
    type: 'postgres',
    url: connectionOptions(ownerUrl).connectionString,
    migrations: await loadMigrations(until),
    migrationsTransactionMode: 'each',
    logging: false,
  });
  return source.initialize();
}

/** Names of the migrations that the program has and the database lacks, and the other way round. */
export async function compareMigrations(
  client: pg.Client,
  until?: readonly string[],
): Promise<{ missing: string[]; unknown: string[] }> {
  const known = (await loadMigrations(until)).map(({ name }) => name);
  const { rowCount } = await client.query(`SELECT WHERE to_regclass('migrations') IS NOT NULL`);
  const { rows } =
    rowCount === 1 ? await client.query<{ name: string }>('SELECT name FROM migrations') : { rows: [] };
  const done = new Set(rows.map(({ name }) => name));
  return {
    missing: known.filter((name) => !done.has(name)),
    unknown: [...done].filter((name) => !known.includes(name)),
  };
}

async function runMissing(ownerUrl: string, until?: readonly string[]): Promise<number> {
  const source = await migrationDataSource(ownerUrl, until);
  try {
    return (await source.runMigrations()).length;
  } finally {
    await source.destroy();
  }
}

async function requireSupported(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ version: number }>(
    "SELECT current_setting('server_version_num')::int AS version",
  );
  const version = rows[0]?.version ?? 0;
  if (version < OLDEST || version >= NEWEST) throw new Error('Relais needs PostgreSQL 15, 16, 17 or 18.');
}

/** The embedded database has them from its launcher; in one's own, whoever runs it makes them. */
async function requireGroups(client: pg.Client): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = ANY ($1)', [GROUPS]);
  if (rowCount === GROUPS.length) return;
  throw new Error(
    `This PostgreSQL lacks the roles of Relais. "relais doctor" prints the SQL that makes them.`,
  );
}

/**
 * Every class that the files of `migrations/` export, in the order of their names, or those of them that are
 * named.
 */
async function loadMigrations(names?: readonly string[]): Promise<MigrationClass[]> {
  const files = readdirSync(DIRECTORY).filter(
    (file) => /^\d+-.*\.[jt]s$/.test(file) && !file.endsWith('.d.ts'),
  );
  const modules = await Promise.all(
    files
      .sort()
      .map((file) => import(pathToFileURL(join(DIRECTORY, file)).href) as Promise<Record<string, unknown>>),
  );
  const classes = modules.flatMap((exported) => Object.values(exported).filter(isMigration));
  return classes.filter(({ name }) => names?.includes(name) ?? true);
}

function isMigration(exported: unknown): exported is MigrationClass {
  return typeof exported === 'function' && /\d{13}$/.test(exported.name);
}
