import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import pg from 'pg';
import { connectionOptions } from '../connection.js';
import { writeArchive, type Part } from './archive.js';
import { copyOut, copyReadable, tablesOf } from './tables.js';

/**
 * What of the data directory is in a backup: the keys of the logs, the server's secret, to whom backups are
 * encrypted. The fence is not: it tells of now.
 */
const FILES = ['keys', 'http-secret', 'founding-token', 'recovery-recipients'];
export const MANIFEST = 'relais.json';

/** The first part of a backup. */
export interface Manifest {
  readonly format: 1;
  readonly network: string;
  /** By the database's clock, in UTC; and the day in the network's time zone. */
  readonly taken: string;
  readonly day: string;
  readonly migrations: readonly string[];
}

export interface Place {
  /** Absolute. */
  readonly data: string;
  /** The owner's login. */
  readonly owner: string;
}

/**
 * A backup as a stream: what the database held at one instant, and the files without which it is worth
 * nothing. Runs beside a working server and disturbs nobody: it reads in one transaction that changes
 * nothing. Of `damaged` tables only what can be read is copied; the stream fails with DamagedTable at one
 * that is not named there.
 */
export async function takeBackup(
  place: Place,
  recipients: readonly string[],
  damaged: ReadonlySet<string> = new Set(),
): Promise<Readable> {
  const client = new pg.Client(connectionOptions(place.owner));
  client.on('error', () => undefined);
  await client.connect();
  const archive = await writeArchive(partsOf(client, place.data, damaged), recipients);
  return archive.on('close', () => void client.end());
}

async function* partsOf(client: pg.Client, data: string, damaged: ReadonlySet<string>): AsyncGenerator<Part> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  // what is not in the transaction's snapshot is not in the backup, files included: they are older than their
  // rows
  yield { name: MANIFEST, bytes: Buffer.from(JSON.stringify(await manifestOf(client))) };
  for (const name of FILES) yield* filesOf(data, name);
  for (const table of await tablesOf(client))
    yield* damaged.has(table.name) ? copyReadable(client, table) : copyOut(client, table);
  await client.query('COMMIT');
}

async function manifestOf(client: pg.Client): Promise<Manifest> {
  const { rows } = await client.query<Omit<Manifest, 'format'>>(
    `SELECT id::text AS network, domain_today()::text AS day, to_char(domain_now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS taken,
       ARRAY(SELECT name::text FROM migrations ORDER BY name) AS migrations FROM network`,
  );
  if (!rows[0]) throw new Error('there is no network yet: nothing to back up');
  return { format: 1, ...rows[0] };
}

async function* filesOf(data: string, name: string): AsyncGenerator<Part> {
  const path = join(data, name);
  const found = await lstat(path).catch(() => undefined);
  if (found?.isFile()) yield { name: `files/${name}`, bytes: await readFile(path) };
  if (found?.isDirectory()) for (const inner of await readdir(path)) yield* filesOf(data, join(name, inner));
}
