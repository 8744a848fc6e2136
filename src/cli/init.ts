import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { migrate } from '../database/index.js';
import { command } from './command.js';
import { findDatabase } from './run-server.js';
import { DEFAULT_DATA } from './serve.js';

/** Makes the data directory, the database with its three logins, and the tables; then stops. */
export const initCommand = command('init', async () => {
  const data = resolve(process.env['RELAIS_DATA'] ?? DEFAULT_DATA);
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const database = await findDatabase(data);
  try {
    const ran = await migrate(database.urls.owner);
    process.stdout.write(`${data} is ready (${ran} migrations ran). Next: npm start, or relais serve.\n`);
  } finally {
    await database.stop();
  }
  return 0;
});
