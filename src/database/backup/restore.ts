import { existsSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import pg from 'pg';
import { connectionOptions } from '../connection.js';
import { migrate } from '../migrate.js';
import { readArchive, type Part } from './archive.js';
import { MANIFEST, type Manifest, type Place } from './backup.js';
import { readErasures, type Erasures } from './erasure-list.js';
import { RESTORED } from './mark.js';
import { eraseAgain, eraseEverything, forgetPlaces, type Replayed } from './replay.js';
import { copyIn, tablesOf, toggleTriggers, type Table } from './tables.js';

export interface RestoreOptions {
  /** Of age. */
  readonly identity: string;
  /**
   * The folders of the erasure list; without it, all content is erased, because nobody knows what was
   * withdrawn.
   */
  readonly erasures: readonly string[] | undefined;
}

export interface Restored {
  readonly manifest: Manifest;
  /** Rows by table. */
  readonly rows: Readonly<Record<string, number>>;
  readonly replayed: Replayed;
  readonly erasuresUntil: string | undefined;
}

/**
 * Puts a backup into an empty place: all of it, or nothing. What was erased since it was taken is erased
 * again before anybody can see it.
 */
export async function restoreBackup(
  place: Place,
  source: Readable,
  options: RestoreOptions,
): Promise<Restored> {
  const parts = readArchive(source, options.identity);
  const manifest = readManifest(await next(parts));
  const list = options.erasures === undefined ? undefined : await readList(options.erasures, manifest);
  requireEmptyFolder(place.data);
  await migrate(place.owner, manifest.migrations);
  const client = new pg.Client(connectionOptions(place.owner));
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('BEGIN');
    await requireEmptyDatabase(client);
    const restored = await fill(client, place.data, { parts, list, manifest });
    await client.query('COMMIT');
    await migrate(place.owner);
    return restored;
  } finally {
    await client.end();
  }
}

interface Sources {
  readonly parts: AsyncGenerator<Part, void>;
  readonly list: Erasures | undefined;
  readonly manifest: Manifest;
}

async function fill(client: pg.Client, data: string, { parts, list, manifest }: Sources): Promise<Restored> {
  const tables = await tablesOf(client);
  await toggleTriggers(client, tables, 'DISABLE');
  for (const { name } of [...tables].reverse()) await client.query(`DELETE FROM "${name}"`);
  const { files, rows } = await pourParts(client, tables, parts);
  await settle(client, tables);
  // references that are checked at the end of a transaction are checked now: what follows changes tables
  await client.query('SET CONSTRAINTS ALL IMMEDIATE');
  const replayed = list ? await eraseAgain(client, list.lines) : await eraseEverything(client);
  await toggleTriggers(client, tables, 'ENABLE');
  await writeFiles(data, [...files, { name: RESTORED, bytes: Buffer.from(`${manifest.taken}\n`) }]);
  return { manifest, rows, replayed, erasuresUntil: list?.until };
}

/** Files are held until the end; they are small. Rows go where they belong as they come. */
async function pourParts(client: pg.Client, tables: readonly Table[], parts: AsyncGenerator<Part, void>) {
  const files: Part[] = [];
  const rows: Record<string, number> = {};
  let part = await next(parts);
  while (part) {
    const [kind, name = ''] = part.name.split('/');
    if (kind === 'files') {
      files.push({ name: part.name.slice('files/'.length), bytes: part.bytes });
      part = await next(parts);
      continue;
    }
    const table = tables.find((each) => each.name === name);
    if (kind !== 'tables' || !table) throw new Error(`the backup has a part that nobody knows: ${part.name}`);
    const run = new TableRun(part, parts);
    rows[name] = await copyIn(client, table, run.bytes());
    part = run.after;
  }
  return { files, rows };
}

/** The parts of one table, which follow each other, and the part after them. */
class TableRun {
  after: Part | undefined;

  constructor(
    private readonly first: Part,
    private readonly parts: AsyncGenerator<Part, void>,
  ) {}

  async *bytes(): AsyncGenerator<Uint8Array> {
    const folder = dirname(this.first.name);
    let part: Part | undefined = this.first;
    while (part && dirname(part.name) === folder) {
      yield part.bytes;
      part = await next(this.parts);
    }
    this.after = part;
  }
}

/** What only the old database's own counters made true. */
async function settle(client: pg.Client, tables: readonly Table[]): Promise<void> {
  const { rows } = await client.query<{ sequence: string; name: string; column: string }>(
    `SELECT pg_get_serial_sequence(quote_ident(c.relname), a.attname) AS sequence, c.relname::text AS name, a.attname::text AS column
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attidentity <> '' WHERE c.relname = ANY ($1)`,
    [tables.map(({ name }) => name)],
  );
  for (const { sequence, name, column } of rows)
    await client.query(
      `SELECT setval('${sequence}', coalesce(max("${column}"), 0) + 1, false) FROM "${name}"`,
    );
  await forgetPlaces(client);
}

async function readList(folders: readonly string[], { day }: Manifest): Promise<Erasures> {
  const list = await readErasures(folders, day);
  if (list.until !== undefined && list.until >= day) return list;
  throw new Error(
    `${folders.join(' and ')} is not the list of what was erased since ${day}: its last day is ${list.until ?? 'none'}. ` +
      'Find the right one; if it is lost, --erasures lost restores without any content.',
  );
}

async function requireEmptyDatabase(client: pg.Client): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM network');
  if (rowCount !== 0) throw new Error('this database already holds a network: restore into an empty one');
}

/** What a restore that was broken off has left may be overwritten. */
function requireEmptyFolder(data: string): void {
  const isUsed = ['keys', 'fence'].some((name) => existsSync(join(data, name)));
  if (isUsed && !existsSync(join(data, RESTORED)))
    throw new Error(`${data} already holds keys: restore into an empty directory`);
}

/** The mark first: without it nothing here would keep the keys from signing. */
async function writeFiles(data: string, files: readonly Part[]): Promise<void> {
  for (const { name, bytes } of [...files].reverse()) {
    const path = join(data, name);
    if (!path.startsWith(`${data}/`)) throw new Error('the backup has a file that lies elsewhere');
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(path, 'w', 0o600);
    await file.writeFile(bytes);
    await file.sync();
    await file.close();
  }
}

function readManifest(part: Part | undefined): Manifest {
  const manifest =
    part?.name === MANIFEST ? (JSON.parse(Buffer.from(part.bytes).toString()) as Manifest) : undefined;
  if (manifest?.format !== 1) throw new Error('this is no backup of Relais, or one of a newer Relais');
  return manifest;
}

async function next(parts: AsyncGenerator<Part, void>): Promise<Part | undefined> {
  const part = await parts.next();
  return part.done === true ? undefined : part.value;
}
