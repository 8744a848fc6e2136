import { createReadStream, existsSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { restoreBackup } from '../database/backup/index.js';
import { normaliseKey } from '../protocol/typed.js';
import { askCode } from './ask-code.js';
import { restoredPage } from './backup/page.js';
import { SAY } from './backup/messages.js';
import { languageOfTerminal } from './language.js';
import { findDatabase } from './run-server.js';
import { DEFAULT_DATA } from './serve.js';

/** `relais restore`: exit 0 done, 1 not, 2 wrong use. */
export async function restoreCommand(argv: string[]): Promise<number> {
  const asked = readArguments(argv);
  if (!asked) {
    process.stderr.write('relais restore FILE --erasures DIR|lost\n');
    return 2;
  }
  const language = languageOfTerminal();
  const data = resolve(process.env['RELAIS_DATA'] ?? DEFAULT_DATA);
  if (!existsSync(asked.file)) throw new Error(`${asked.file} is not there`);
  const identity = normaliseKey(await askCode(SAY[language].askKey));
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const database = await findDatabase(data);
  try {
    const place = { data, owner: database.urls.owner };
    const erasures = asked.erasures === 'lost' ? undefined : resolve(asked.erasures);
    const restored = await restoreBackup(place, createReadStream(asked.file), { identity, erasures });
    process.stdout.write(restoredPage(restored, language));
  } finally {
    await database.stop();
  }
  return 0;
}

function readArguments(args: string[]): { file: string; erasures: string } | undefined {
  try {
    const options = { erasures: { type: 'string' } } as const;
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
    const [file, ...more] = positionals;
    const { erasures } = values;
    return file === undefined || erasures === undefined || more.length > 0 ? undefined : { file, erasures };
  } catch {
    return undefined;
  }
}
