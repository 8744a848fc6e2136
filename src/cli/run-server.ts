import { fork, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LOOPBACK, originHere, Told } from '../process.js';
import { startEmbedded, type DatabaseUrls, type EmbeddedDatabase } from '../database/index.js';

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));
const FIRST_PORT = 21_720;
/**
 * The server ends in eight seconds by itself; one that cannot even do that is killed, and recovers at its
 * next start.
 */
const PATIENCE_MS = 9_000;

export interface Running {
  readonly address: string;
  readonly urls: DatabaseUrls;
  /** Ends when the server does. */
  readonly ended: Promise<number>;
  stop(): Promise<void>;
}

export interface RunOptions {
  readonly data: string;
  /** Where the server's lines go; they hold no content and no address. */
  readonly log: 'inherit' | 'ignore';
}

/** Starts the database, unless the environment names one, and the server as a process of its own. */
export async function runServer({ data, log }: RunOptions): Promise<Running> {
  const directory = resolve(data);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const database = await findDatabase(directory);
  try {
    const server = await startServer(directory, database.urls, log);
    const stop = async (): Promise<void> => {
      await server.stop();
      await database.stop();
    };
    return { address: server.address, urls: database.urls, ended: server.ended, stop };
  } catch (error) {
    await database.stop();
    throw error;
  }
}

/** A PostgreSQL of one's own needs its three logins; without any the embedded one starts. */
export async function findDatabase(directory: string): Promise<Pick<EmbeddedDatabase, 'urls' | 'stop'>> {
  const { DATABASE_URL, DATABASE_OWNER_URL, DATABASE_SEQUENCER_URL } = process.env;
  if (DATABASE_URL === undefined) return startEmbedded(directory);
  if (DATABASE_OWNER_URL === undefined || DATABASE_SEQUENCER_URL === undefined) {
    throw new Error('With DATABASE_URL, DATABASE_OWNER_URL and DATABASE_SEQUENCER_URL must be set as well.');
  }
  const urls = { application: DATABASE_URL, owner: DATABASE_OWNER_URL, sequencer: DATABASE_SEQUENCER_URL };
  return { urls, stop: () => Promise.resolve() };
}

async function startServer(data: string, urls: DatabaseUrls, log: RunOptions['log']) {
  const host = process.env['HOST'] ?? LOOPBACK;
  const port = process.env['PORT'] ?? String(await freePort(FIRST_PORT, host));
  const address = process.env['RELAIS_ISSUER'] ?? originHere(host, port);
  const env = {
    ...process.env,
    PORT: port,
    RELAIS_ISSUER: address,
    RELAIS_DATA: data,
    DATABASE_URL: urls.application,
    DATABASE_OWNER_URL: urls.owner,
    DATABASE_SEQUENCER_URL: urls.sequencer,
  };
  const child = fork(MAIN, { env, stdio: ['ignore', log, 'inherit', 'ipc'] });
  const ended = new Promise<number>((done) => child.once('exit', (code) => done(code ?? 1)));
  await untilListening(child, ended);
  return { address, ended, stop: () => end(child, ended) };
}

/** The server says so over the channel between the two processes. */
async function untilListening(child: ChildProcess, ended: Promise<number>): Promise<void> {
  const listening = new Promise<void>((done) => child.once('message', () => done()));
  const failed = ended.then((code) => {
    throw new Told(`the server ended at its start (${code})`);
  });
  await Promise.race([listening, failed]);
}

async function end(child: ChildProcess, ended: Promise<number>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
  const patience = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  await ended;
  clearTimeout(patience);
}

/** The first port from `from` on that nobody uses. */
async function freePort(from: number, host: string): Promise<number> {
  for (let port = from; port < from + 100; port++) if (await isFree(port, host)) return port;
  throw new Error(`no port between ${from} and ${from + 99} is free; set PORT`);
}

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((done, failed) => {
    const probe = createServer();
    // another port would not help where it is the host that cannot be listened at
    probe.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? done(false) : failed(new Error(`HOST is ${host}: ${error.message}`)),
    );
    probe.listen(port, host, () => probe.close(() => done(true)));
  });
}
