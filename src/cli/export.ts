import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  Device,
  exportOrganisation,
  openOrganisationExport,
  rememberPaper,
  type DeviceState,
} from '../client/index.js';
import { hold } from '../database/index.js';
import { askCode } from './ask-code.js';
import { Folder } from './folder.js';
import { SAY } from './agent/messages.js';
import { isLanguage, languageOfTerminal, type Language } from './language.js';
import { fill } from '../client/audit-messages.js';

const WRONG_USE = 2;
const DEVICE = 'device.json';

interface Asked {
  readonly verb: string;
  readonly file?: string | undefined;
  readonly state?: string | undefined;
  readonly to: string;
  readonly language: Language;
}

/**
 * `relais export make`: everything of the services of an agent's device, sealed to its organisation's paper code.
 * `relais export open`: opens such a file with that code. The code is typed; it is never an argument.
 */
export async function exportCommand(argv: string[]): Promise<number> {
  const asked = readArguments(argv);
  if (asked?.verb === 'make' && asked.state !== undefined && asked.file === undefined)
    return make(asked.state, asked);
  if (asked?.verb === 'open' && asked.file !== undefined && asked.state === undefined)
    return open(asked.file, asked);
  process.stderr.write(`${SAY[asked?.language ?? languageOfTerminal()].usage}\n`);
  return WRONG_USE;
}

function readArguments(args: string[]): Asked | undefined {
  try {
    const text = { type: 'string' } as const;
    const options = { state: text, to: text, language: text };
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const [verb = '', file, ...more] = positionals;
    const { to, state, language = languageOfTerminal() } = values;
    return to === undefined || !isLanguage(language) || more.length > 0
      ? undefined
      : { verb, file, state, to, language };
  } catch {
    return undefined;
  }
}

/** The agent of that folder must not run: it holds the folder. Only the first export asks for the paper code. */
async function make(path: string, { to, language }: Asked): Promise<number> {
  const folder = Folder.open(resolve(path));
  const letGo = hold(folder.path);
  try {
    const state = folder.readJson(DEVICE) as DeviceState | undefined;
    if (!state) return complain(SAY[language].notJoined);
    const device = await Device.start(state);
    if (device.state.paperBox === undefined)
      await rememberPaper(device, await askCode(SAY[language].askCode));
    folder.write(DEVICE, JSON.stringify(device.state));
    const { file, refused } = await exportOrganisation(device);
    folder.write(DEVICE, JSON.stringify(device.state));
    const written = write(to, file, language);
    for (const { item, check } of refused)
      process.stderr.write(`${fill(SAY[language].lacks, { item, check })}\n`);
    return refused.length > 0 ? 1 : written;
  } finally {
    letGo();
  }
}

async function open(file: string, { to, language }: Asked): Promise<number> {
  const sealed = new Uint8Array(readFileSync(file));
  const opened = openOrganisationExport(sealed, await askCode(SAY[language].askCode));
  return write(to, `${JSON.stringify(opened, null, 2)}\n`, language);
}

/** Never over a file that is there, and for nobody else to read. */
function write(path: string, content: Uint8Array | string, language: Language): number {
  try {
    writeFileSync(path, content, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return complain(fill(SAY[language].exists, { path }));
  }
  process.stdout.write(`${fill(SAY[language].written, { path })}\n`);
  return 0;
}

function complain(message: string): number {
  process.stderr.write(`${message}\n`);
  return 1;
}
