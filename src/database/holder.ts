import { spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { lock } from './lock.js';
import { SOCKETS } from './sockets.js';

const HOLDER = 'holder';
const POSTGRES = 'postgres.lock';
/** Files that are locked, and for that reason stay when everything else of a directory goes. */
export const LOCKS = [HOLDER, POSTGRES];
const PATIENCE_MS = 30_000;
const STEP_MS = 100;

/**
 * Takes `home`, which is made and must be this user's own, for this process, and gives the function that lets
 * it go. One process at a time works there, on whatever side of a container's wall; the kernel lets go of
 * what a killed one held.
 */
export function hold(home: string): () => void {
  requireOwn(home);
  return take(home);
}

/** The same for a directory that may be somebody else's, who lets this user write there. */
export function take(home: string): () => void {
  const mark = join(home, HOLDER);
  const file = lock(mark);
  if (file === undefined) throw new Error(inUse(home, read(mark)));
  // for whoever comes second; what holds is the lock
  ftruncateSync(file);
  writeSync(file, `${process.pid}\n${hostname()}\n${new Date().toISOString()}\n`, 0);
  return () => {
    ftruncateSync(file);
    closeSync(file);
  };
}

function inUse(home: string, mark: string): string {
  const [pid, host = '', since = ''] = mark.split('\n');
  const who = pid ? `process ${pid} on ${host} since ${since}` : 'another process';
  return `${home} is in use by ${who}. Stop that one first, or choose another directory (RELAIS_DATA, --state).`;
}

function requireOwn(home: string): void {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const uid = process.getuid?.();
  if (uid === undefined || statSync(home).uid === uid) return;
  throw new Error(
    `${home} belongs to another user. Start Relais as that user, or choose another directory (RELAIS_DATA, --state).`,
  );
}

/** A database that this process alone works on. */
export interface Taken {
  /**
   * Open and locked. Every process of PostgreSQL inherits it: the lock lasts until the last of them has
   * ended.
   */
  readonly file: number;
  letGo(): void;
}

/**
 * Takes the directory of an embedded database, and waits until nothing that an earlier start has left works
 * there any more: a PostgreSQL whose launcher was killed is ended where it can be seen; in another container
 * it is waited for.
 */
export async function takeDatabase(home: string): Promise<Taken> {
  const letGo = hold(home);
  const data = join(home, 'postgres');
  try {
    await endOrphan(data);
    const file = await lockDatabase(home);
    removeLeftovers(data);
    return {
      file,
      letGo: () => {
        closeSync(file);
        letGo();
      },
    };
  } catch (error) {
    letGo();
    throw error;
  }
}

async function lockDatabase(home: string): Promise<number> {
  for (let waited = 0; waited < PATIENCE_MS; waited += STEP_MS) {
    const file = lock(join(home, POSTGRES));
    if (file !== undefined) return file;
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
  throw new Error(
    `${home} is in use by a PostgreSQL that a killed Relais has left, in another container perhaps. ` +
      'End it there, and start again.',
  );
}

/** What PostgreSQL left that names a process id says nothing once the database is taken. */
function removeLeftovers(data: string): void {
  const sockets = socketsOf(data);
  removeLockFiles(data);
  if (sockets !== undefined) rmSync(sockets, { recursive: true, force: true });
}

/**
 * Before a PostgreSQL that has ended is started again: a process id may have been given to somebody else
 * meanwhile.
 */
export function removeLockFiles(data: string): void {
  for (const folder of [socketsOf(data) ?? data, data])
    for (const name of ['.s.PGSQL.5432', '.s.PGSQL.5432.lock', 'postmaster.pid'])
      rmSync(join(folder, name), { force: true });
}

/** The private directory outside of the data directory, where there is one. */
function socketsOf(data: string): string | undefined {
  const [, , , , sockets = ''] = read(join(data, 'postmaster.pid')).split('\n');
  return basename(sockets).startsWith(SOCKETS) ? sockets : undefined;
}

/** Ends a postmaster whose launcher was killed, and which may still run, or be stopping. */
export async function endOrphan(data: string): Promise<void> {
  const [pid] = read(join(data, 'postmaster.pid')).split('\n');
  const orphan = Number(pid);
  if (!isPostmaster(orphan, data)) return;
  process.kill(orphan, 'SIGINT');
  await untilGone(orphan, data);
}

async function untilGone(pid: number, data: string): Promise<void> {
  for (let waited = 0; isPostmaster(pid, data); waited += STEP_MS) {
    if (waited === PATIENCE_MS) process.kill(pid, 'SIGQUIT');
    if (waited > 2 * PATIENCE_MS)
      throw new Error(`PostgreSQL (process ${pid}) does not stop. End it, and start again.`);
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
}

/** Only a `postgres` whose command line names this very directory is ours; a zombie has none. */
function isPostmaster(pid: number, data: string): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  const words =
    process.platform === 'linux' ? read(`/proc/${pid}/cmdline`).split('\0') : ps(pid, 'command=').split(' ');
  return basename(words[0] ?? '') === 'postgres' && words.join(' ').includes(`-D ${data} `);
}

function ps(pid: number, column: string): string {
  return spawnSync('ps', ['-o', column, '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
