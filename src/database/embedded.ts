import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { findBinaries, type Binaries } from './binaries.js';

/** Three logins, three rights: see docs/threat-model.md. */
export interface DatabaseUrls {
  readonly owner: string;
  readonly application: string;
  readonly sequencer: string;
}

export interface EmbeddedDatabase {
  readonly urls: DatabaseUrls;
  readonly pid: number;
  stop(): Promise<void>;
}

interface Secrets {
  readonly superuser: string;
  readonly owner: string;
  readonly application: string;
  readonly sequencer: string;
}

export const DATABASE_NAME = 'relais';
/** A socket's path is cut at 107 bytes; PostgreSQL adds its own file name. */
const MAX_SOCKET_DIRECTORY = 85;
const START_TIMEOUT_MS = 60_000;
const SETTINGS = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  password_encryption: 'scram-sha-256',
  max_connections: '100',
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
  log_parameter_max_length: '0',
  log_parameter_max_length_on_error: '0',
  log_statement: 'none',
};

/**
 * Starts the embedded PostgreSQL in `directory`, made on first use: socket only, directory 0700, checksums on, three
 * logins with random passwords. After a crash of this process or of the machine it starts again by itself.
 */
export async function startEmbedded(directory: string): Promise<EmbeddedDatabase> {
  const binaries = findBinaries();
  const data = join(resolve(directory), 'postgres');
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const secrets = readSecrets(directory);
  if (!existsSync(join(data, 'PG_VERSION'))) initialise(binaries, data, secrets);
  requireSameMajor(binaries, data);
  await endOrphan(data);
  const sockets = socketDirectory(data);
  const child = await launch(binaries, data, sockets);
  const urls = urlsOf(sockets, secrets, DATABASE_NAME);
  await prepareLogins(sockets, secrets);
  writeFileSync(join(directory, 'database-urls.json'), `${JSON.stringify(urls, null, 2)}\n`, { mode: 0o600 });
  return { urls, pid: child.pid ?? 0, stop: () => stop(child, sockets, data) };
}

/** The same three logins on another database of the same server. */
export function onDatabase(urls: DatabaseUrls, name: string): DatabaseUrls {
  const moved = (url: string): string => url.replace(`/${DATABASE_NAME}?`, `/${name}?`);
  return { owner: moved(urls.owner), application: moved(urls.application), sequencer: moved(urls.sequencer) };
}

function readSecrets(directory: string): Secrets {
  const path = join(directory, 'database-secrets.json');
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as Secrets;
  const secret = (): string => randomBytes(24).toString('base64url');
  const secrets = { superuser: secret(), owner: secret(), application: secret(), sequencer: secret() };
  writeFileSync(path, JSON.stringify(secrets), { mode: 0o600, flag: 'wx' });
  return secrets;
}

/** PostgreSQL refuses to run as root: there it runs in a user namespace, as nobody in particular. */
function asOrdinaryUser(command: string, args: readonly string[]): [string, string[]] {
  const isRoot = process.getuid?.() === 0;
  if (process.platform !== 'linux') return [command, [...args]];
  const dieTogether = ['setpriv', '--pdeathsig', 'INT', '--', command, ...args];
  const [program = '', ...rest] = isRoot
    ? ['unshare', '--map-user=1000', '--map-group=1000', '--', ...dieTogether]
    : dieTogether;
  return [program, rest];
}

function environment(binaries: Binaries): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8', TZ: 'UTC', ...binaries.env };
}

function initialise(binaries: Binaries, data: string, secrets: Secrets): void {
  const passwordFile = join(data, '..', 'initdb-password');
  writeFileSync(passwordFile, secrets.superuser, { mode: 0o600 });
  const args = ['-D', data, '-U', 'postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--encoding=UTF8'];
  const [program, all] = asOrdinaryUser(join(binaries.bin, 'initdb'), [...args, '--locale=C.UTF-8', '--data-checksums']);
  const result = spawnSync(program, all, { env: environment(binaries), encoding: 'utf8' });
  rmSync(passwordFile, { force: true });
  if (result.status !== 0) {
    rmSync(data, { recursive: true, force: true });
    throw new Error(`PostgreSQL could not make its data directory: ${result.stderr || String(result.error)}`);
  }
}

function requireSameMajor(binaries: Binaries, data: string): void {
  const made = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim();
  const answer = spawnSync(join(binaries.bin, 'postgres'), ['--version'], { env: environment(binaries), encoding: 'utf8' });
  const present = /\d+/.exec(answer.stdout)?.[0];
  if (made === present) return;
  throw new Error(
    `${data} was made by PostgreSQL ${made}, and this is PostgreSQL ${present ?? 'of an unknown version'}. ` +
      'Start it with the version that made it (PG_BIN), or restore a backup into an empty directory.',
  );
}

/** A postmaster whose parent was killed with −9 may still run: it is ended, so that two never share one directory. */
async function endOrphan(data: string): Promise<void> {
  const pidFile = join(data, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const [pid = '', directory = ''] = readFileSync(pidFile, 'utf8').split('\n');
  if (directory !== data || !isPostgres(Number(pid), data)) {
    rmSync(pidFile, { force: true });
    return;
  }
  process.kill(Number(pid), 'SIGINT');
  for (let i = 0; i < 300 && isPostgres(Number(pid), data); i++) await sleep(100);
}

/** Process ids are used again: only one whose command line names this very directory is ours. */
function isPostgres(pid: number, data: string): boolean {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(data);
    const { stdout } = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
    return stdout.includes(data);
  } catch {
    return false;
  }
}

function socketDirectory(data: string): string {
  return data.length <= MAX_SOCKET_DIRECTORY ? data : mkdtempSync(join(tmpdir(), 'relais-'));
}

async function launch(binaries: Binaries, data: string, sockets: string): Promise<ChildProcess> {
  chmodSync(data, 0o700);
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const [program, args] = asOrdinaryUser(join(binaries.bin, 'postgres'), ['-D', data, '-k', sockets, ...settings]);
  const child = spawn(program, args, { env: environment(binaries), stdio: ['ignore', 'ignore', 'pipe'] });
  await untilReady(child);
  child.stderr?.resume();
  child.unref();
  return child;
}

async function untilReady(child: ChildProcess): Promise<void> {
  let log = '';
  await new Promise<void>((ready, fail) => {
    const timer = setTimeout(() => fail(new Error(`PostgreSQL did not start in time:\n${log}`)), START_TIMEOUT_MS);
    child.stderr?.on('data', (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-4000);
      if (log.includes('ready to accept connections')) ready();
    });
    child.once('error', fail);
    child.once('exit', () => fail(new Error(`PostgreSQL ended at its start:\n${log}`)));
    child.once('exit', () => clearTimeout(timer));
    void Promise.resolve().then(() => timer.unref());
  });
}

function urlsOf(sockets: string, secrets: Secrets, database: string): DatabaseUrls {
  const url = (login: string, secret: string): string =>
    `postgresql://${login}:${secret}@localhost/${database}?host=${encodeURIComponent(sockets)}`;
  return {
    owner: url('relais_owner', secrets.owner),
    application: url('relais_application', secrets.application),
    sequencer: url('relais_sequencing', secrets.sequencer),
  };
}

/** Group roles carry the rights, logins carry the passwords; the owner alone may change the schema. */
async function prepareLogins(sockets: string, secrets: Secrets): Promise<void> {
  const client = new pg.Client({ host: sockets, user: 'postgres', password: secrets.superuser, database: 'postgres' });
  await client.connect();
  try {
    await client.query(rolesSql(secrets));
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE_NAME]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE_NAME} OWNER relais_owner`);
  } finally {
    await client.end();
  }
}

function rolesSql({ owner, application, sequencer }: Secrets): string {
  const role = (name: string, options: string): string =>
    `IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${name}') THEN CREATE ROLE ${name} ${options}; END IF;`;
  return `DO $$ BEGIN
    ${role('relais_app', 'NOLOGIN')}
    ${role('relais_sequencer', 'NOLOGIN')}
    ${role('relais_owner', `LOGIN CREATEDB PASSWORD '${owner}'`)}
    ${role('relais_application', `LOGIN PASSWORD '${application}' IN ROLE relais_app`)}
    ${role('relais_sequencing', `LOGIN PASSWORD '${sequencer}' IN ROLE relais_sequencer`)}
  END $$`;
}

async function stop(child: ChildProcess, sockets: string, data: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = new Promise((resolve_) => child.once('exit', resolve_));
    child.ref();
    child.kill('SIGINT');
    await ended;
  }
  if (sockets !== data) rmSync(sockets, { recursive: true, force: true });
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve_) => setTimeout(resolve_, milliseconds));
}
