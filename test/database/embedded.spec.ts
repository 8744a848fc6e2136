import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { findBinaries } from '../../src/database/binaries.js';
import { emptyEmbedded, startEmbedded, type EmbeddedDatabase } from '../../src/database/embedded.js';
import { lock } from '../../src/database/lock.js';
import { migrate } from '../../src/database/migrate.js';
import { environmentOf } from '../../src/database/programs.js';

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<{ answer: unknown }>(sql)).rows[0]?.answer;
  } finally {
    await client.end();
  }
}

async function eventually<T>(look: () => Promise<T>, isGood: (found: T) => boolean): Promise<T> {
  for (let tries = 0; ; tries++) {
    const found = await look().catch((error: unknown) => error as T);
    if (isGood(found) || tries === 100) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function isRunning(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
}

function setting(name: string): string {
  return `SELECT current_setting('${name}') AS answer`;
}

describe('the embedded database', () => {
  const directory = mkdtempSync(join(tmpdir(), 'relais-embedded-'));
  let database: EmbeddedDatabase;

  beforeAll(async () => {
    database = await startEmbedded(directory);
    await migrate(database.urls.owner);
  });
  afterAll(async () => {
    await database.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it('keeps checksums, listens to no network, hides its files', async () => {
    expect(await ask(database.urls.owner, setting('data_checksums'))).toBe('on');
    expect(await ask(database.urls.owner, setting('listen_addresses'))).toBe('');
    expect(statSync(join(directory, 'postgres')).mode & 0o777).toBe(0o700);
    for (const file of ['database-urls.json', 'database-secrets.json']) {
      expect(statSync(join(directory, file)).mode & 0o777).toBe(0o600);
    }
  });

  it('writes no error, statement or parameter to its log, where a value could stand', async () => {
    expect(await ask(database.urls.owner, setting('log_min_messages'))).toBe('log');
    expect(await ask(database.urls.owner, setting('log_error_verbosity'))).toBe('terse');
    expect(await ask(database.urls.owner, setting('log_min_error_statement'))).toBe('panic');
    expect(await ask(database.urls.owner, setting('log_parameter_max_length_on_error'))).toBe('0');
  });

  it('has three logins, of which only the owner may make anything', async () => {
    for (const url of [database.urls.application, database.urls.sequencer]) {
      await expect(ask(url, 'CREATE TABLE mine (a int)')).rejects.toThrow(/permission denied/);
      await expect(ask(url, 'CREATE TEMPORARY TABLE mine (a int)')).rejects.toThrow(/permission denied/);
      await expect(ask(url, 'CREATE ROLE mine')).rejects.toThrow(/permission denied/);
      await expect(ask(url, 'SET ROLE relais_owner')).rejects.toThrow(/permission denied/);
      await expect(ask(url, 'DELETE FROM network')).rejects.toThrow(/permission denied/);
    }
  });

  it('lets nobody in without that login’s own password', async () => {
    const { owner, application } = database.urls;
    const borrowed = owner.replace(/:[^:@/]+@/, `:${new URL(application).password}@`);
    await expect(ask(borrowed, 'SELECT 1 AS answer')).rejects.toThrow(/password/);
    await expect(ask(owner.replace(/:[^:@/]+@/, '@'), 'SELECT 1 AS answer')).rejects.toThrow(/password/);
  });

  it('refuses a second start on the same directory while the first one lives', async () => {
    await expect(startEmbedded(directory)).rejects.toThrow(/in use by process/);
    await expect(emptyEmbedded(directory)).rejects.toThrow(/in use by process/);
  });

  it('gives every process of PostgreSQL a lock that lasts as long as the last of them', () => {
    const files = readdirSync(`/proc/${database.pid}/fd`).map((fd) =>
      readlinkSync(`/proc/${database.pid}/fd/${fd}`),
    );
    expect(files).toContain(join(directory, 'postgres.lock'));
  });

  it('starts PostgreSQL again, with what it held, when that alone is killed', async () => {
    await ask(database.urls.owner, 'CREATE TABLE kept AS SELECT 7 AS answer');
    const killed = database.pid;
    process.kill(killed, 'SIGKILL');
    expect(
      await eventually(
        () => ask(database.urls.owner, 'SELECT answer FROM kept'),
        (found) => found === 7,
      ),
    ).toBe(7);
    expect(database.pid).not.toBe(killed);
  });

  it('starts it again however often it is killed', async () => {
    for (let killing = 0; killing < 5; killing++) {
      const killed = database.pid;
      process.kill(killed, 'SIGKILL');
      // each time it waits a little longer
      while (database.pid === killed) await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const found = eventually(
      () => ask(database.urls.owner, 'SELECT answer FROM kept'),
      (answer) => answer === 7,
    );
    expect(await found).toBe(7);
  }, 120_000);

  it('stops, leaves nothing running, and starts again', async () => {
    const { pid } = database;
    await database.stop();
    expect(isRunning(pid)).toBe(false);
    expect(existsSync(join(directory, 'postgres', 'postmaster.pid'))).toBe(false);
    database = await startEmbedded(directory);
    expect(await ask(database.urls.owner, 'SELECT answer FROM kept')).toBe(7);
  });
});

/** A `postgres` that nobody told to stop with its launcher, whose launcher is killed. */
async function givenOrphan(directory: string): Promise<number> {
  const database = await startEmbedded(directory);
  await database.stop();
  const binaries = findBinaries(join(directory, 'lib'));
  const data = join(directory, 'postgres');
  const postgres = [join(binaries.bin, 'postgres'), '-D', data, '-k', data, '-c', 'listen_addresses='];
  const asRoot = ['unshare', '--map-user=1000', '--map-group=1000', '--'];
  const words = process.getuid?.() === 0 ? [...asRoot, ...postgres] : postgres;
  const parent = spawn('sh', ['-c', '"$@" 2>/dev/null & sleep 60', 'sh', ...words], {
    env: environmentOf(binaries),
    stdio: 'ignore',
  });
  const pidFile = join(data, 'postmaster.pid');
  await eventually(
    () => Promise.resolve(existsSync(pidFile) && readFileSync(pidFile, 'utf8').includes('ready')),
    Boolean,
  );
  parent.kill('SIGKILL');
  return Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
}

describe('a directory that a killed process left', () => {
  const directory = mkdtempSync(join(tmpdir(), 'relais-orphan-'));
  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  it('is taken over from a PostgreSQL that outlived its launcher', async () => {
    const orphan = await givenOrphan(directory);
    expect(isRunning(orphan)).toBe(true);
    const database = await startEmbedded(directory);
    expect(isRunning(orphan)).toBe(false);
    expect(await ask(database.urls.owner, 'SELECT 1 AS answer')).toBe(1);
    await database.stop();
  });

  it('is cleared of lock files that name somebody else’s process, who is left alone', async () => {
    const data = join(directory, 'postgres');
    const stranger = spawn('sleep', ['60']);
    writeFileSync(join(data, 'postmaster.pid'), `${stranger.pid ?? 0}\n${data}\n1\n5432\n${data}\n`);
    writeFileSync(join(data, '.s.PGSQL.5432.lock'), `${stranger.pid ?? 0}\n${data}\n`);
    writeFileSync(join(directory, 'holder'), `${stranger.pid ?? 0}\n1\n`);
    const database = await startEmbedded(directory);
    expect(await ask(database.urls.owner, 'SELECT 1 AS answer')).toBe(1);
    expect(stranger.exitCode).toBeNull();
    await database.stop();
    stranger.kill();
  });

  it('is waited for, and nothing in it touched, while a PostgreSQL that cannot be seen still has it', async () => {
    const pidFile = join(directory, 'postgres', 'postmaster.pid');
    writeFileSync(pidFile, '1\n');
    // as a process in another container has it
    const unseen = lock(join(directory, 'postgres.lock'));
    const starting = startEmbedded(directory);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(readFileSync(pidFile, 'utf8')).toBe('1\n');
    closeSync(unseen ?? -1);
    await (await starting).stop();
  });

  it('is finished when the first start was killed half-way', async () => {
    const half = mkdtempSync(join(tmpdir(), 'relais-half-'));
    mkdirSync(join(half, 'postgres.new'));
    writeFileSync(join(half, 'postgres.new', 'PG_VERSION'), '18\n');
    const database = await startEmbedded(half);
    expect(await ask(database.urls.owner, 'SELECT 1 AS answer')).toBe(1);
    await database.stop();
    rmSync(half, { recursive: true, force: true });
  });
});

describe('a start that cannot succeed says why', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'relais-refused-'));
  });
  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  it('when another major version made the data', async () => {
    mkdirSync(join(directory, 'postgres'));
    writeFileSync(join(directory, 'postgres', 'PG_VERSION'), '14\n');
    writeFileSync(join(directory, 'database-secrets.json'), '{}');
    await expect(startEmbedded(directory)).rejects.toThrow(
      /made by PostgreSQL 14, and this is PostgreSQL 18/,
    );
    rmSync(join(directory, 'postgres'), { recursive: true });
    rmSync(join(directory, 'database-secrets.json'));
  });

  it('when the directory holds somebody’s files, which stay', async () => {
    mkdirSync(join(directory, 'postgres'));
    writeFileSync(join(directory, 'postgres', 'thesis.txt'), 'mine');
    await expect(startEmbedded(directory)).rejects.toThrow(/not a PostgreSQL database/);
    expect(readFileSync(join(directory, 'postgres', 'thesis.txt'), 'utf8')).toBe('mine');
  });

  it('when PG_BIN is wrong', async () => {
    process.env['PG_BIN'] = directory;
    await expect(startEmbedded(directory)).rejects.toThrow(/PG_BIN is .* does not hold/);
    delete process.env['PG_BIN'];
  });
});

describe('where the path is too long for a socket', () => {
  it('keeps its sockets in a private directory, which it takes away again', async () => {
    const root = mkdtempSync(join(tmpdir(), 'relais-long-'));
    const database = await startEmbedded(join(root, 'a'.repeat(120)));
    const sockets = new URL(database.urls.owner).searchParams.get('host') ?? '';
    expect(Buffer.byteLength(sockets)).toBeLessThan(90);
    expect(statSync(sockets).mode & 0o777).toBe(0o700);
    expect(await ask(database.urls.owner, 'SELECT 1 AS answer')).toBe(1);
    await database.stop();
    expect(existsSync(sockets)).toBe(false);
    rmSync(root, { recursive: true, force: true });
  });
});
