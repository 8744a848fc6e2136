import { spawnSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { randomBytes } from 'node:crypto';

/** Start of the name of a socket directory outside of the data directory. */
export const SOCKETS = 'relais-sockets-';
const PATIENCE_MS = 30_000;
const STEP_MS = 100;

/**
 * Takes `home` for this process and gives the function that lets it go. One process at a time starts a database there;
 * the mark of one that was killed is found dead (process ids are used again, so its start is compared too) and replaced.
 */
export function hold(home: string): () => void {
  requireOwn(home);
  const mark = join(home, 'holder');
  const ours = `${process.pid}\n${startOf(process.pid)}\n`;
  const draft = `${mark}.${randomBytes(6).toString('hex')}`;
  writeFileSync(draft, ours, { mode: 0o600 });
  try {
    if (!link(draft, mark)) replaceDead(draft, mark, home);
  } finally {
    rmSync(draft);
  }
  return () => {
    if (existsSync(mark) && readFileSync(mark, 'utf8') === ours) rmSync(mark);
  };
}

function requireOwn(home: string): void {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const uid = process.getuid?.();
  if (uid === undefined || statSync(home).uid === uid) return;
  throw new Error(
    `${home} belongs to another user. Start Relais as that user, or choose another directory (RELAIS_DATA, --state).`,
  );
}

/** A link appears with its content, or not at all. */
function link(draft: string, mark: string): boolean {
  try {
    linkSync(draft, mark);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function replaceDead(draft: string, mark: string, home: string): void {
  const seen = readFileSync(mark, 'utf8');
  const [pid = '', start = ''] = seen.split('\n');
  const inUse = new Error(
    `${home} is in use by process ${pid}. Stop that one first, or choose another directory (RELAIS_DATA, --state).`,
  );
  if (start !== '' && startOf(Number(pid)) === start) throw inUse;
  // somebody else may be replacing it as well: only the one who moves the dead mark away goes on
  const away = `${draft}.dead`;
  renameSync(mark, away);
  const moved = readFileSync(away, 'utf8');
  if (moved !== seen) link(away, mark);
  rmSync(away);
  if (moved !== seen || !link(draft, mark)) throw inUse;
}

/** When the process started, as its system writes it; empty when there is none. */
function startOf(pid: number): string {
  if (!Number.isSafeInteger(pid) || pid <= 0) return '';
  if (process.platform !== 'linux') return ps(pid, 'lstart=');
  const stat = read(`/proc/${pid}/stat`);
  // the name of the program, in parentheses, may hold spaces: count from its end
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

/**
 * A postmaster whose launcher was killed may still run, or be stopping: it is ended, so that two never share one data
 * directory. What a killed one left behind (lock files that name a process id) is cleared away.
 */
export async function endOrphan(data: string): Promise<void> {
  const [pid = '', , , , sockets = ''] = read(join(data, 'postmaster.pid')).split('\n');
  const orphan = Number(pid);
  if (isPostmaster(orphan, data)) {
    process.kill(orphan, 'SIGINT');
    await untilGone(orphan, data);
  }
  for (const name of ['postmaster.pid', '.s.PGSQL.5432', '.s.PGSQL.5432.lock'])
    rmSync(join(data, name), { force: true });
  if (basename(sockets).startsWith(SOCKETS)) rmSync(sockets, { recursive: true, force: true });
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
