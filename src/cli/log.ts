import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Transport } from '../client/index.js';
import { parseTrust } from '../protocol/audit/input.js';
import { trustedLogs } from '../protocol/audit/trusted-logs.js';
import { readIfThere } from './files.js';
import { mirrorLogs } from './mirror.js';

const USAGE = 'relais log export DIR --server ADDRESS --trust FILE';

/**
 * `relais log export`: writes, or brings up to date, a directory that any web server can serve as the public logs. Exit 0
 * done, 1 what the server shows does not hold, 2 wrong use.
 */
export async function logCommand(argv: string[]): Promise<number> {
  const { directory, server, trust: path } = readArguments(argv);
  if (directory === undefined || server === undefined || path === undefined) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  const trust = await readIfThere(path);
  if (!trust) throw new Error(`${path} cannot be read`);
  await mirrorLogs(new Transport(new URL(server).origin), trustedLogs(parseTrust(trust)), resolve(directory));
  return 0;
}

interface Arguments {
  readonly directory?: string | undefined;
  readonly server?: string;
  readonly trust?: string;
}

function readArguments(argv: string[]): Arguments {
  try {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: { server: { type: 'string' }, trust: { type: 'string' } },
    });
    const [action, directory, ...more] = positionals;
    return action === 'export' && more.length === 0 ? { ...values, directory } : {};
  } catch {
    return {};
  }
}
