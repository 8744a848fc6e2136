import { createReadStream, existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fill } from '../client/audit-messages.js';
import { restoreBackup, restoreInPlace } from '../database/backup/index.js';
import { erasureFolders } from '../database/index.js';
import { askCode } from './ask-code.js';
import { restoredPage } from './backup/page.js';
import { SAY } from './backup/messages.js';
import { languageOfTerminal } from './language.js';
import { findDatabase } from './run-server.js';
import { DEFAULT_DATA } from './serve.js';

const USAGE = `relais restore FILE --erasures DIR|lost
relais restore --in-place [--erasures DIR|lost]
`;

/** `relais restore`: exit 0 done, 1 not, 2 wrong use. */
export async function restoreCommand(argv: string[]): Promise<number> {
  const asked = readArguments(argv);
  if (!asked) {
    process.stderr.write(USAGE);
    return 2;
  }
  const data = resolve(process.env['RELAIS_DATA'] ?? DEFAULT_DATA);
  return asked.file === undefined
    ? restoreHere(data, asked.erasures)
    : restoreFile(data, asked.file, asked.erasures);
}

async function restoreFile(
  data: string,
  file: string,
  folders: readonly string[] | undefined,
): Promise<number> {
  const language = languageOfTerminal();
  if (!existsSync(file)) throw new Error(`${file} is not there`);
  const identity = (await askCode(SAY[language].askKey)).trim();
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const database = await findDatabase(data);
  try {
    const place = { data, owner: database.urls.owner };
    const restored = await restoreBackup(place, createReadStream(file), { identity, erasures: folders });
    process.stdout.write(restoredPage(restored, language));
  } finally {
    await database.stop();
  }
  return 0;
}

/** A disk, a snapshot or a standby has brought back an earlier state of the database: it is made a restored one where it lies. */
async function restoreHere(data: string, folders: readonly string[] | undefined): Promise<number> {
  if (!existsSync(join(data, 'keys')))
    throw new Error(`${data} holds no keys: nothing was ever served from here`);
  const database = await findDatabase(data);
  try {
    const place = { data, owner: database.urls.owner };
    const { referrals, released, devices } = await restoreInPlace(place, folders);
    const counts = { erased: `${referrals}`, released: `${released}`, revoked: `${devices}` };
    process.stdout.write(`${fill(SAY[languageOfTerminal()].inPlace, counts)}\n`);
  } finally {
    await database.stop();
  }
  return 0;
}

interface Asked {
  /** Undefined where the database is restored as it lies. */
  readonly file: string | undefined;
  /** Folders of the list; undefined where it is lost. */
  readonly erasures: readonly string[] | undefined;
}

function readArguments(args: string[]): Asked | undefined {
  try {
    const options = { erasures: { type: 'string' }, 'in-place': { type: 'boolean' } } as const;
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
    const [file, ...more] = positionals;
    const { erasures, 'in-place': isHere = false } = values;
    if (more.length > 0 || isHere !== (file === undefined) || (erasures === undefined && !isHere))
      return undefined;
    return { file, erasures: foldersOf(erasures) };
  } catch {
    return undefined;
  }
}

/** Without a word, the folders to which the server has written. */
function foldersOf(erasures: string | undefined): readonly string[] | undefined {
  if (erasures === 'lost') return undefined;
  const data = resolve(process.env['RELAIS_DATA'] ?? DEFAULT_DATA);
  return erasures === undefined ? erasureFolders(data, process.env) : [resolve(erasures)];
}
