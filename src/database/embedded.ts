import { spawnSync, type ChildProcess } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findBinaries, type Binaries } from './binaries.js';
import { endOrphan, LOCKS, removeLockFiles, takeDatabase, type Taken } from './holder.js';
import { prepareLogins, readSecrets, type DatabaseUrls, type Secrets } from './logins.js';
import { launch, shutDown, type Place } from './postmaster.js';
import { socketDirectory } from './sockets.js';
import { asOrdinaryUser, environmentOf, isNamed } from './programs.js';

export interface EmbeddedDatabase {
  readonly urls: DatabaseUrls;
  /** Process id of the running `postgres`; another one after it was started again. */
  readonly pid: number;
  stop(): Promise<void>;
}

/**
 * A `postgres` that ended is started again, at once, and ever later while it keeps ending; a full disk may be
 * mended.
 */
const PAUSES_MS = [0, 0, 0, 1_000, 5_000, 15_000];
const RECENT_MS = 60_000;

/**
 * Starts the embedded PostgreSQL in `directory`, made on first use: socket only, directory 0700, checksums
 * on, three logins with random passwords. After a crash of PostgreSQL, of this process or of the machine it
 * starts again.
 */
export async function startEmbedded(directory: string): Promise<EmbeddedDatabase> {
  const home = resolve(directory);
  const taken = await takeDatabase(home);
  try {
    return await start(home, taken);
  } catch (error) {
    taken.letGo();
    throw error;
  }
}

/** Empties `directory`, and ends what a killed process has left running there; refuses where it is in use. */
export async function emptyEmbedded(directory: string): Promise<void> {
  const home = resolve(directory);
  const taken = await takeDatabase(home);
  try {
    const others = readdirSync(home).filter((name) => !LOCKS.includes(name));
    for (const name of others) rmSync(join(home, name), { recursive: true });
  } finally {
    taken.letGo();
  }
}

async function start(home: string, taken: Taken): Promise<EmbeddedDatabase> {
  const data = join(home, 'postgres');
  const binaries = findBinaries(join(home, 'lib'));
  const secrets = readSecrets(home);
  if (!existsSync(join(data, 'PG_VERSION'))) initialise({ binaries, data, taken: taken.file }, secrets);
  requireSameMajor(binaries, data);
  const place = { binaries, data, sockets: socketDirectory(data), taken: taken.file };
  const kept = new KeptRunning(place, await launch(place));
  const stop = async (): Promise<void> => {
    await kept.stop();
    if (place.sockets !== data) rmSync(place.sockets, { recursive: true, force: true });
    taken.letGo();
  };
  try {
    const urls = await prepareLogins(home, place.sockets, secrets);
    return {
      urls,
      stop,
      get pid() {
        return kept.pid;
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** One `postgres`, started again whenever it ends without being asked to. */
class KeptRunning {
  private readonly stopping = new AbortController();
  private restarts: number[] = [];
  private restarting: Promise<void> = Promise.resolve();

  constructor(
    private readonly place: Place,
    private child: ChildProcess,
  ) {
    this.watch();
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.restarting;
    await shutDown(this.child);
  }

  private watch(): void {
    this.child.once('exit', () => {
      if (!this.stopping.signal.aborted) this.restarting = this.restart();
    });
  }

  private async restart(): Promise<void> {
    await this.pause();
    if (this.stopping.signal.aborted) return;
    try {
      await endOrphan(this.place.data);
      removeLockFiles(this.place.data);
      this.child = await launch(this.place);
      this.watch();
    } catch (error) {
      process.stderr.write(
        `The embedded PostgreSQL did not start again; it is tried anew: ${String(error)}\n`,
      );
      await this.restart();
    }
  }

  private async pause(): Promise<void> {
    this.restarts = this.restarts.filter((time) => Date.now() - time < RECENT_MS);
    const pause = PAUSES_MS[Math.min(this.restarts.length, PAUSES_MS.length - 1)];
    this.restarts.push(Date.now());
    const { signal } = this.stopping;
    await sleep(pause, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

const UNNAMED =
  'PostgreSQL makes a database only for a user whom this machine names, and this one is a number alone. ' +
  'Add a line for it to /etc/passwd (adduser), or start Relais as a user who has one; user namespaces, which mend it, ' +
  'are forbidden here.';

/**
 * Made beside its final place and moved there when complete: a start that is killed half-way leaves no half
 * database.
 */
function initialise({ binaries, data, taken }: Omit<Place, 'sockets'>, secrets: Secrets): void {
  const making = `${data}.new`;
  const passwordFile = `${data}.password`;
  requireEmpty(data);
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { mode: 0o700 });
  writeFileSync(passwordFile, secrets.superuser, { mode: 0o600 });
  const options = ['-U', 'postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--data-checksums'];
  const args = ['-D', making, '--encoding=UTF8', '--locale=C', ...options];
  const [program, all] = asOrdinaryUser(join(binaries.bin, 'initdb'), args);
  const { status, stderr, error } = spawnSync(program, all, {
    env: environmentOf(binaries),
    stdio: ['ignore', 'ignore', 'pipe', taken],
    encoding: 'utf8',
  });
  rmSync(passwordFile, { force: true });
  if (status !== 0) {
    const why = error?.message ?? stderr;
    if (!isNamed()) throw new Error(`${UNNAMED}\n${why}`);
    throw new Error(`PostgreSQL could not make its data directory. "relais doctor" may say why.\n${why}`);
  }
  renameSync(making, data);
}

/** An empty directory may be replaced; one with somebody's files may not. */
function requireEmpty(data: string): void {
  try {
    if (existsSync(data)) rmdirSync(data);
  } catch {
    throw new Error(
      `${data} holds files that are not a PostgreSQL database. Move them away, and start again.`,
    );
  }
}

function requireSameMajor(binaries: Binaries, data: string): void {
  const made = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim();
  const program = join(binaries.bin, 'postgres');
  const { stdout } = spawnSync(program, ['--version'], { env: environmentOf(binaries), encoding: 'utf8' });
  const present = /\d+/.exec(stdout)?.[0];
  if (made === present) return;
  throw new Error(
    `${data} was made by PostgreSQL ${made}, and this is PostgreSQL ${present ?? 'of an unknown version'}. ` +
      'Start it with the version that made it (PG_BIN), or restore a backup into an empty directory.',
  );
}
