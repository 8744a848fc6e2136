import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { connectionOptions, type DatabaseUrls } from '../database/index.js';
import { findDatabase } from './run-server.js';

/** The embedded database that a running Relais has started; undefined when nobody answers. */
export async function findRunning(data: string): Promise<DatabaseUrls | undefined> {
  const path = join(data, 'database-urls.json');
  if (!existsSync(path)) return undefined;
  const urls = JSON.parse(readFileSync(path, 'utf8')) as DatabaseUrls;
  const client = new pg.Client(connectionOptions(urls.owner));
  client.on('error', () => undefined);
  try {
    await client.connect();
    return urls;
  } catch {
    return undefined;
  } finally {
    await client.end();
  }
}

/** Works with the network's database, whether a server is running on it or not. */
export async function withDatabase<T>(data: string, work: (urls: DatabaseUrls) => Promise<T>): Promise<T> {
  const running = process.env['DATABASE_URL'] === undefined ? await findRunning(data) : undefined;
  if (running) return work(running);
  const database = await findDatabase(data);
  try {
    return await work(database.urls);
  } finally {
    await database.stop();
  }
}
