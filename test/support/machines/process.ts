import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { foundDemo, type DemoNetwork, type Rules } from '../../../src/cli/demo/network.js';
import type { DatabaseUrls } from '../../../src/database/index.js';
import { givenDatabase } from './database.js';
import { MOMENT } from './moment.js';
import { rounds } from './rounds.js';

/** Tests and benchmarks run in the project's folder. */
const MAIN = resolve('dist/src/main.js');

export interface ServerProcess {
  readonly address: string;
  readonly pid: number;
  readonly urls: DatabaseUrls;
  readonly data: string;
  /** Everything the process has written to stdout and stderr. */
  readonly output: () => string;
  /** One more process on the same database and keys. */
  readonly replica: () => Promise<ServerProcess>;
  /** The same process anew, at its address, after it was killed. */
  readonly again: () => Promise<ServerProcess>;
  /**
   * A process at its address on another database and data directory: after a restore. It may never come to
   * listen.
   */
  readonly elsewhere: (
    urls: DatabaseUrls,
    data: string,
    said?: (text: string) => void,
  ) => Promise<ServerProcess>;
  /**
   * A replica that answers to the same name, as behind one proxy or after a restart: it takes this one's
   * proofs.
   */
  readonly twin: () => Promise<ServerProcess>;
  readonly kill: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** The built server, as a process of its own on a database of its own: what an association runs. */
export async function givenServerProcess(
  urls?: DatabaseUrls,
  settings: Environment = {},
): Promise<ServerProcess> {
  const data = mkdtempSync(join(tmpdir(), 'relais-process-'));
  return startProcess(urls ?? (await givenDatabase()), data, { settings });
}

export interface FoundedServer extends ServerProcess {
  readonly network: DemoNetwork;
}

/**
 * A server with a network of two organisations, each with a coordinator's and a worker's device; `rules` as
 * voted otherwise.
 */
export async function givenNetwork(
  urls?: DatabaseUrls,
  rules: Rules = {},
  settings: Environment = {},
): Promise<FoundedServer> {
  const server = await givenServerProcess(urls, settings);
  const token = readFileSync(join(server.data, 'founding-token'), 'utf8').trim();
  return { ...server, network: await foundDemo(server.address, token, rules) };
}

type Environment = Readonly<Record<string, string>>;

interface At {
  readonly port?: number;
  readonly issuer?: string;
  readonly settings?: Environment;
  /** Told what the process writes, as it writes it. */
  readonly said?: (text: string) => void;
}

async function startProcess(urls: DatabaseUrls, data: string, at: At): Promise<ServerProcess> {
  const port = at.port ?? (await freePort());
  const address = `http://127.0.0.1:${port}`;
  const issuer = at.issuer ?? address;
  const { settings = {} } = at;
  let output = '';
  const child = fork(MAIN, {
    env: {
      PATH: process.env['PATH'],
      ...MOMENT,
      PORT: String(port),
      RELAIS_ISSUER: issuer,
      RELAIS_DATA: data,
      RELAIS_REQUESTS_PER_MINUTE: '100000',
      // a second where time is what is tested, in the long tier; else nobody waits for it
      RELAIS_SEQUENCE_EVERY_MS: String(rounds(50, 1000)),
      RELAIS_WEBHOOK_RANGES: '127.0.0.1',
      DATABASE_URL: urls.application,
      DATABASE_OWNER_URL: urls.owner,
      DATABASE_SEQUENCER_URL: urls.sequencer,
      ...settings,
    },
    execArgv: (process.env['RELAIS_NODE_ARGS'] ?? '').split(' ').filter(Boolean),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      at.said?.(output);
    });
  await untilListening(child, () => output);
  letGo(child);
  const end = (signal: NodeJS.Signals) => endChild(child, signal);
  return {
    address,
    pid: child.pid ?? 0,
    urls,
    data,
    output: () => output,
    replica: () => startProcess(urls, data, { settings }),
    again: () => startProcess(urls, data, { port, issuer, settings }),
    elsewhere: (otherUrls, otherData, said) =>
      startProcess(otherUrls, otherData, { port, issuer, settings, ...(said && { said }) }),
    twin: () => startProcess(urls, data, { issuer, settings }),
    kill: () => end('SIGKILL'),
    stop: async () => {
      await end('SIGTERM');
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** A test that fails before it stops its server leaves nothing behind: the server goes with this process. */
function letGo(child: ChildProcess): void {
  for (const held of [child, child.channel, child.stdout as Socket | null, child.stderr as Socket | null]) {
    held?.unref();
  }
}

async function untilListening(child: ChildProcess, output: () => string): Promise<void> {
  await new Promise<void>((listening, failed) => {
    child.once('message', () => listening());
    child.once('exit', (code) => failed(new Error(`the server ended (${String(code)}): ${output()}`)));
  });
}

async function endChild(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  const ended = new Promise((done) => child.once('exit', done));
  child.kill(signal);
  await ended;
}

export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done));
  const { port } = probe.address() as AddressInfo;
  await new Promise((done) => probe.close(done));
  return port;
}
