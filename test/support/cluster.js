import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate, startEmbedded } from '../../dist/src/database/index.js';

let running;

/** One PostgreSQL for the whole run; its database `relais`, migrated, is the template of every spec's own. */
export async function startCluster() {
  const directory = mkdtempSync(join(tmpdir(), 'relais-test-'));
  const database = await startEmbedded(directory);
  running = { database, directory };
  await migrate(database.urls.owner);
  process.env['RELAIS_TEST_CLUSTER'] = join(directory, 'database-urls.json');
}

export async function stopCluster() {
  await running?.database.stop();
  if (running) rmSync(running.directory, { recursive: true, force: true });
}
