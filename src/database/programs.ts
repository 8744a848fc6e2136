import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Binaries } from './binaries.js';

/**
 * PostgreSQL's programs as they must be called here. It refuses to run as root: there it gets a user namespace in which
 * it is nobody in particular. On Linux it is told to stop when the process that started it dies, even by `kill -9`.
 */
export function asOrdinaryUser(command: string, args: readonly string[]): [string, string[]] {
  const isRoot = process.getuid?.() === 0;
  if (isRoot && !isOnPath('unshare')) {
    throw new Error(
      'PostgreSQL refuses to run as root. Start Relais as an ordinary user, or install util-linux.',
    );
  }
  const namespace = isRoot ? ['unshare', '--map-user=1000', '--map-group=1000', '--'] : [];
  const together =
    process.platform === 'linux' && isOnPath('setpriv') ? ['setpriv', '--pdeathsig', 'INT', '--'] : [];
  const [program = command, ...rest] = [...namespace, ...together, command, ...args];
  return [program, rest];
}

/** Nothing of ours but the path: no secret of this process is in PostgreSQL's environment. */
export function environmentOf(binaries: Binaries): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC', ...binaries.env };
}

/** Whether the system has this program. */
export function isOnPath(program: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.some((folder) => existsSync(join(folder, program)));
}
