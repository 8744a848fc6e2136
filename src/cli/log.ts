import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Transport } from '../client/index.js';
import { RESTORED } from '../database/index.js';
import { parseTrust } from '../protocol/audit/input.js';
import { readIfThere } from './files.js';
import { mirrorLogs } from './mirror.js';
import { DEFAULT_DATA } from './serve.js';

const USAGE = `relais log export DIR --server ADDRESS --trust FILE
relais log recover DIR …`;

interface Arguments {
  readonly directories: readonly string[];
  readonly server?: string;
  readonly trust?: string;
}

const ACTS = new Map<string, (asked: Arguments) => Promise<boolean> | boolean>([
  ['export', exportLogs],
  ['recover', recoverLogs],
]);

/** `relais log`: exit 0 done, 1 what is shown does not hold, 2 wrong use. */
export async function logCommand(argv: string[]): Promise<number> {
  const [action = '', ...rest] = argv;
  const asked = readArguments(rest);
  if (asked && (await ACTS.get(action)?.(asked)) === true) return 0;
  process.stderr.write(`${USAGE}\n`);
  return 2;
}

/** Writes, or brings up to date, a directory that any web server can serve as the public logs. */
async function exportLogs({ directories, server, trust: path }: Arguments): Promise<boolean> {
  const [directory] = directories;
  if (directory === undefined || directories.length > 1 || server === undefined || path === undefined)
    return false;
  const trust = await readIfThere(path);
  if (!trust) throw new Error(`${path} cannot be read`);
  await mirrorLogs(new Transport(new URL(server).origin), parseTrust(trust), resolve(directory));
  return true;
}

/** Gives a restored network the copies of the logs that its witnesses keep; the server looks at them when it starts. */
function recoverLogs({ directories, server, trust }: Arguments): boolean {
  if (directories.length === 0 || server !== undefined || trust !== undefined) return false;
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
  return true;
}

function readArguments(argv: string[]): Arguments | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: { server: { type: 'string' }, trust: { type: 'string' } },
    });
    return { directories: positionals, ...values };
  } catch {
    return undefined;
  }
}
