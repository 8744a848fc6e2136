import { existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import type { Binaries } from './binaries.js';

/**
 * PostgreSQL's programs as they must be called here. It refuses to run as root, and its `initdb` as a user
 * whom the system's list does not name: there it gets a user namespace in which it is somebody of that list.
 * On Linux it is told to stop when the process that started it dies, even by `kill -9`.
 */
export function asOrdinaryUser(command: string, args: readonly string[]): [string, string[]] {
  const together =
    process.platform === 'linux' && isOnPath('setpriv') ? ['setpriv', '--pdeathsig', 'INT', '--'] : [];
  const [program = command, ...rest] = [...namespaceFor(command), ...together, command, ...args];
  return [program, rest];
}

function namespaceFor(command: string): string[] {
  const isRoot = process.getuid?.() === 0;
  const mustBeNamed = basename(command) === 'initdb' && !isNamed();
  if (!isRoot && !mustBeNamed) return [];
  if (isRoot && !isOnPath('unshare')) {
    throw new Error(
      'PostgreSQL refuses to run as root. Start Relais as an ordinary user, or install util-linux.',
    );
  }
  const user = somebody();
  return ['unshare', `--map-user=${user}`, `--map-group=${user}`, '--'];
}

/**
 * Whether the system's list of users names the one that this process runs as; an id alone is enough to start
 * a container.
 */
export function isNamed(): boolean {
  try {
    userInfo();
    return true;
  } catch {
    return false;
  }
}

/** The id of an ordinary user whom the system knows; every system has some. */
function somebody(): string {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  const ids = lines.map((line) => line.split(':')[2] ?? '').filter((id) => /^[1-9]\d*$/.test(id));
  return ids[0] ?? '65534';
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
