import { readdirSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { join } from 'node:path';
import pg from 'pg';
import { DataSource, type MigrationInterface } from 'typeorm';
import { connectionOptions } from './database.js';

type MigrationClass = new () => MigrationInterface;

/** Two processes that start together: one migrates, the other waits and finds it done. */
const MIGRATION_LOCK = 7_245_110;
const DIRECTORY = fileURLToPath(new URL('../../migrations/', import.meta.url));
const OLDEST = 150000;
const NEWEST = 190000;

/** Brings the schema up to date with the owner's login. Says how many migrations ran. */
export async function migrate(ownerUrl: string): Promise<number> {
  const lock = new pg.Client(connectionOptions(ownerUrl));
  await lock.connect();
  try {
    await requireSupported(lock);
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    return await runAll(ownerUrl);
  } finally {
    await lock.end();
  }
}

export async function migrationDataSource(ownerUrl: string): Promise<DataSource> {
  const { connectionString: _, ...options } = connectionOptions(ownerUrl);
  const source = new DataSource({
    type: 'postgres',
    url: ownerUrl,
    ...(options.ssl === undefined ? {} : { ssl: options.ssl as { rejectUnauthorized: boolean } }),
    migrations: await loadMigrations(),
    migrationsTransactionMode: 'each',
    logging: false,
  });
  return source.initialize();
}

async function runAll(ownerUrl: string): Promise<number> {
  const source = await migrationDataSource(ownerUrl);
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

/** Every class that the files of `migrations/` export, in the order of their names. */
async function loadMigrations(): Promise<MigrationClass[]> {
  const files = readdirSync(DIRECTORY).filter((file) => /^\d+-.*\.[jt]s$/.test(file) && !file.endsWith('.d.ts'));
  const modules = await Promise.all(
    files.sort().map((file) => import(pathToFileURL(join(DIRECTORY, file)).href) as Promise<Record<string, unknown>>),
  );
  return modules.flatMap((exported) => Object.values(exported).filter(isMigration));
}

function isMigration(exported: unknown): exported is MigrationClass {
  return typeof exported === 'function' && /\d{13}$/.test(exported.name);
}
