import { createReadStream, existsSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { restoreBackup } from '../database/backup/index.js';
import { askCode } from './ask-code.js';
import { restoredPage } from './backup/page.js';
import { SAY } from './backup/messages.js';
import { command } from './command.js';
import { findDatabase } from './run-server.js';
import { DEFAULT_DATA } from './serve.js';

/** `relais restore`: exit 0 done, 1 not. */
export const restoreCommand = command('restore', async ({ words: [file = ''], options, language }) => {
  const data = resolve(process.env['RELAIS_DATA'] ?? DEFAULT_DATA);
  if (!existsSync(file)) throw new Error(`${file} is not there`);
  const identity = (await askCode(SAY[language].askKey)).trim();
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const database = await findDatabase(data);
  try {
    const place = { data, owner: database.urls.owner };
    const erasures = options['erasures'] === 'lost' ? undefined : resolve(options['erasures'] ?? '');
    const restored = await restoreBackup(place, createReadStream(file), { identity, erasures });
    process.stdout.write(restoredPage(restored, language));
  } finally {
    await database.stop();
  }
  return 0;
});
