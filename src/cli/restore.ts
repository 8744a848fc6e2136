import { createReadStream, existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fill } from '../client/audit/audit-messages.js';
import { restoreBackup, restoreInPlace } from '../database/backup/index.js';
import { erasureFolders } from '../database/index.js';
import { normaliseKey } from '../protocol/encoding/typed.js';
import { askCode } from './ask-code.js';
import { restoredPage } from './backup/page.js';
import { SAY } from './backup/messages.js';
import { command } from './command.js';
import type { Language } from './language.js';
import { findDatabase } from './run-server.js';
import { DEFAULT_DATA } from './serve.js';

/** What is restored, and the folders of the list of erasures; undefined where that is lost. */
interface Place {
  readonly data: string;
  readonly erasures: readonly string[] | undefined;
  readonly language: Language;
}

/** `relais restore`: exit 0 done, 1 not. */
export const restoreCommand = command('restore', ({ form, operands: [file = ''], options, language }) => {
  const data = resolve(process.env['RELAIS_DATA'] ?? DEFAULT_DATA);
  const place = { data, erasures: foldersOf(data, options['erasures']), language };
  return form === 'restore' ? restoreFile(place, file) : restoreHere(place);
});

async function restoreFile({ data, erasures, language }: Place, file: string): Promise<number> {
  if (!existsSync(file)) throw new Error(`${file} is not there`);
  const identity = normaliseKey(await askCode(SAY[language].askKey));
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const database = await findDatabase(data);
  try {
    const place = { data, owner: database.urls.owner };
    const restored = await restoreBackup(place, createReadStream(file), { identity, erasures });
    process.stdout.write(restoredPage(restored, language));
  } finally {
    await database.stop();
  }
  return 0;
}

/**
 * A disk, a snapshot or a standby has brought back an earlier state of the database: it is made a restored
 * one where it lies.
 */
async function restoreHere({ data, erasures, language }: Place): Promise<number> {
  if (!existsSync(join(data, 'keys')))
    throw new Error(`${data} holds no keys: nothing was ever served from here`);
  const database = await findDatabase(data);
  try {
    const place = { data, owner: database.urls.owner };
    const { referrals, released, devices } = await restoreInPlace(place, erasures);
    const counts = { erased: `${referrals}`, released: `${released}`, revoked: `${devices}` };
    process.stdout.write(`${fill(SAY[language].inPlace, counts)}\n`);
  } finally {
    await database.stop();
  }
  return 0;
}

/** Without a word, the folders to which the server has written. */
function foldersOf(data: string, erasures: string | undefined): readonly string[] | undefined {
  if (erasures === 'lost') return undefined;
  return erasures === undefined ? erasureFolders(data, process.env) : [resolve(erasures)];
}
