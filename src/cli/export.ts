import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  Device,
  exportOrganisation,
  exportPage,
  openOrganisationExport,
  openExportedReferrals,
  Refused,
  rememberPaperCode,
  type DeviceState,
} from '../client/index.js';
import { isId } from '../protocol/encoding/bytes.js';
import { askCode } from './ask-code.js';
import { command } from './command.js';
import { Folder } from './folder.js';
import { SAY } from './agent/messages.js';
import type { Language } from './language.js';
import { fill } from '../client/audit/audit-messages.js';

const DEVICE = 'device.json';
/** Never over a file that is there, and for nobody else to read. */
const OWN_FILE = { mode: 0o600, flag: 'wx' } as const;

/**
 * `relais export make`: everything of the services of an agent's device, sealed to its organisation's paper
 * code. `relais export open`: opens such a file with that code into a new folder: a page to read and print, a
 * file for each referral, and the whole as one. The code is typed; it is never an argument.
 */
export const exportCommand = command('export', ({ form, operands: [file = ''], options, language }) => {
  const { to = '', state = '' } = options;
  return form === 'export make' ? make(state, to, language) : open(file, to, language);
});

/**
 * The agent of that folder must not run: it holds the folder. Only the first export asks for the paper code.
 */
async function make(path: string, to: string, language: Language): Promise<number> {
  return Folder.hold(path, async (folder) => {
    const state = folder.readJson(DEVICE) as DeviceState | undefined;
    if (!state) return complain(SAY[language].notJoined);
    const device = await Device.start(state);
    if (device.state.paperBox === undefined)
      await rememberPaperCode(device, await askCode(SAY[language].askCode));
    folder.write(DEVICE, JSON.stringify(device.state));
    const { file, refused } = await exportOrganisation(device);
    folder.write(DEVICE, JSON.stringify(device.state));
    const written = write(to, file, language);
    for (const { item, check } of refused)
      process.stderr.write(`${fill(SAY[language].lacks, { item, check })}\n`);
    return refused.length > 0 ? 1 : written;
  });
}

/**
 * Everything is opened before the first file is written; of the folder's names none is anybody's but ours.
 */
async function open(file: string, to: string, language: Language): Promise<number> {
  const say = SAY[language];
  if (existsSync(to)) return complain(fill(say.exists, { path: to }));
  const sealed = new Uint8Array(readFileSync(file));
  const code = await askCode(say.askCode);
  const taken = openOrganisationExport(sealed, code);
  const referrals = openExportedReferrals(taken, code);
  mkdirSync(join(to, 'referrals'), { recursive: true, mode: 0o700 });
  for (const each of referrals)
    writeFileSync(join(to, 'referrals', `${requireId(each.referral.referral)}.json`), jsonOf(each), OWN_FILE);
  writeFileSync(join(to, 'index.html'), exportPage(taken, referrals, language), OWN_FILE);
  writeFileSync(join(to, 'export.json'), jsonOf(taken), OWN_FILE);
  process.stdout.write(`${fill(say.written, { path: to })}\n`);
  return 0;
}

function jsonOf(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Whoever made the export controls what it holds; an id is no path. */
function requireId(text: unknown): string {
  if (!isId(text)) throw new Refused('export-form');
  return text;
}

function write(path: string, content: Uint8Array | string, language: Language): number {
  try {
    writeFileSync(path, content, OWN_FILE);
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
