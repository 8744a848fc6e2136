import { readFileSync, writeFileSync } from 'node:fs';
import {
  Device,
  exportOrganisation,
  openOrganisationExport,
  rememberPaper,
  type DeviceState,
} from '../client/index.js';
import { askCode } from './ask-code.js';
import { command } from './command.js';
import { Folder } from './folder.js';
import { SAY } from './agent/messages.js';
import type { Language } from './language.js';
import { fill } from '../client/audit-messages.js';

const DEVICE = 'device.json';

/**
 * `relais export make`: everything of the services of an agent's device, sealed to its organisation's paper code.
 * `relais export open`: opens such a file with that code. The code is typed; it is never an argument.
 */
export const exportCommand = command('export', ({ form, words: [file = ''], options, language }) => {
  const { to = '', state = '' } = options;
  return form === 'export make' ? make(state, to, language) : open(file, to, language);
});

/** The agent of that folder must not run: it holds the folder. Only the first export asks for the paper code. */
async function make(path: string, to: string, language: Language): Promise<number> {
  return Folder.hold(path, async (folder) => {
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
  });
}

async function open(file: string, to: string, language: Language): Promise<number> {
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
