import { spawnSync } from 'node:child_process';
import { closeSync, constants, fstatSync, openSync, statSync } from 'node:fs';

/** The BSDs and macOS lock a file as they open it; Node has no name for the flag. */
const O_EXLOCK = 0x20;
const HELD = 1;
/**
 * Who may not look into the folder reaches no file of it; an exported copy of the logs is for every web
 * server.
 */
const MODE = 0o644;

/**
 * Opens `path` with the kernel's lock on it, or gives undefined where somebody else has the lock. It holds in
 * whatever namespace the other is, for as long as any process has the file open, and no longer: nothing is
 * left after `kill -9`. The file itself is never deleted: a lock on a name that is gone keeps nobody out.
 */
export function lock(path: string): number | undefined {
  const file = process.platform === 'linux' ? openThenLock(path) : openLocked(path);
  if (file === undefined || isStill(path, file)) return file;
  closeSync(file);
  return lock(path);
}

/** Node cannot lock; `flock` of util-linux locks the open file that it is given, and leaves it locked. */
function openThenLock(path: string): number | undefined {
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT, MODE);
  const stdio = ['ignore', 'ignore', 'pipe', file] as const;
  const { status, stderr, error } = spawnSync('flock', ['-n', '3'], { stdio: [...stdio], encoding: 'utf8' });
  if (status === 0) return file;
  closeSync(file);
  if (status === HELD) return undefined;
  const isMissing = (error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
  if (isMissing) throw new Error('The program "flock" is missing. Install util-linux, and start again.');
  throw new Error(
    `${path} cannot be locked. Choose a directory on another disk. ${error?.message ?? stderr}`,
  );
}

function openLocked(path: string): number | undefined {
  const { O_RDWR, O_CREAT, O_NONBLOCK } = constants;
  try {
    return openSync(path, O_RDWR | O_CREAT | O_NONBLOCK | O_EXLOCK, MODE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
}

/**
 * Whether the name still stands for the file that was locked: somebody may have deleted or replaced it
 * meanwhile.
 */
function isStill(path: string, file: number): boolean {
  const [named, locked] = [statSync(path, { throwIfNoEntry: false }), fstatSync(file)];
  return named?.ino === locked.ino && named.dev === locked.dev;
}
