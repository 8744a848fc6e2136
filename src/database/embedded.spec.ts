import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { migrate } from './migrate.js';
import { startEmbedded, type EmbeddedDatabase } from './embedded.js';

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<{ answer: unknown }>(sql)).rows[0]?.answer;
  } finally {
    await client.end();
  }
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

  it('keeps checksums, writes no statement to its log, and hides its files', async () => {
    expect(await ask(database.urls.owner, "SELECT current_setting('data_checksums') AS answer")).toBe('on');
    expect(await ask(database.urls.owner, "SELECT current_setting('log_error_verbosity') AS answer")).toBe('terse');
    expect(statSync(join(directory, 'postgres')).mode & 0o777).toBe(0o700);
    expect(statSync(join(directory, 'database-urls.json')).mode & 0o777).toBe(0o600);
  });

  it('has three logins, of which only the owner may change the schema', async () => {
    for (const url of [database.urls.application, database.urls.sequencer]) {
      await expect(ask(url, 'CREATE TABLE mine (a int)')).rejects.toThrow(/permission denied/);
      await expect(ask(url.replace(/:[^:@]+@/, ':guessed@'), 'SELECT 1 AS answer')).rejects.toThrow(/password/);
    }
  });

  it('starts again by itself after kill −9 of the server process', async () => {
    await ask(database.urls.owner, 'CREATE TABLE kept AS SELECT 7 AS answer');
    process.kill(database.pid, 'SIGKILL');
    database = await startEmbedded(directory);
    expect(await ask(database.urls.owner, 'SELECT answer FROM kept')).toBe(7);
  });

  it('takes over from a database whose parent was killed', async () => {
    const again = await startEmbedded(directory);
    expect(await ask(again.urls.owner, 'SELECT answer FROM kept')).toBe(7);
    database = again;
  });
});
