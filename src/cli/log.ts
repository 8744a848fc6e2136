import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Transport } from '../client/index.js';
import { RESTORED, take } from '../database/index.js';
import { parseTrust } from '../protocol/audit/input.js';
import { command, type Asked } from './command.js';
import { readIfThere } from './files.js';
import { mirrorLogs } from './mirror.js';
import { DEFAULT_DATA } from './serve.js';

/** `relais log`: copies of the public logs. */
export const logCommand = command('log', async (asked) => {
  if (asked.form === 'log export') await exportLogs(asked);
  else recoverLogs(asked.operands);
  return 0;
});

/** Writes, or brings up to date, a directory that any web server can serve as the public logs. */
async function exportLogs({ operands: [folder = ''], options }: Asked): Promise<void> {
  const { server = '', trust: path = '' } = options;
  const trust = await readIfThere(path);
  if (!trust) throw new Error(`${path} cannot be read`);
  const directory = resolve(folder);
  mkdirSync(directory, { recursive: true });
  const letGo = take(directory);
  try {
    await mirrorLogs(new Transport(new URL(server).origin), parseTrust(trust), directory);
  } finally {
    letGo();
  }
}

/**
 * Gives a restored network the copies of the logs that its witnesses keep; the server looks at them when it
 * starts.
 */
function recoverLogs(directories: readonly string[]): void {
  const data = resolve(process.env['RELAIS_DATA'] ?? DEFAULT_DATA);
  if (!existsSync(join(data, RESTORED)))
    throw new Error(`${data} was not restored from a backup, or its witnesses agree already`);
  const mirrors = join(data, 'mirrors');
  mkdirSync(mirrors, { recursive: true, mode: 0o700 });
  for (const directory of directories) {
    if (!existsSync(join(directory, 'registry')))
      throw new Error(`${directory} holds no copy of the logs: give the folder "mirror" of a witness`);
    const to = join(mirrors, String(readdirSync(mirrors).length + 1));
    cpSync(directory, to, { recursive: true });
    process.stdout.write(`${directory} → ${to}\n`);
  }
}
