import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { certifyRequests, invite } from '../../../src/client/index.js';
import type { DemoOrganisation } from '../../../src/cli/demo/network.js';
import { until } from './database.js';
import { MOMENT } from './moment.js';

const RELAIS = resolve('dist/src/cli/main.js');

export interface Answer<T = Record<string, unknown>> {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  /** The text as JSON. */
  readonly body: T;
}

export interface Asked {
  readonly method?: string;
  readonly path: string;
  readonly body?: unknown;
  /** In place of the agent's own; null for none. */
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TestAgent {
  readonly state: string;
  readonly socket: string;
  /** Everything that it has written. */
  readonly output: () => string;
  readonly ask: <T = Record<string, unknown>>(asked: Asked) => Promise<Answer<T>>;
  /** As a crash would, at once. */
  readonly kill: () => Promise<number | null>;
  /** The exit code after SIGTERM. */
  readonly end: () => Promise<number | null>;
  /** One more on the same folder. */
  readonly again: () => Promise<TestAgent>;
  readonly stop: () => Promise<void>;
}

/** The built `relais agent`, as a process of its own, listening on the socket of a fresh state folder. */
export async function givenAgent(server: string): Promise<TestAgent> {
  return startAgent(mkdtempSync(join(tmpdir(), 'relais-agent-')), server);
}

/** An agent that has joined an organisation's service. */
export async function givenJoinedAgent(
  server: string,
  { coordinator, service }: DemoOrganisation,
): Promise<TestAgent> {
  const agent = await givenAgent(server);
  const code = await invite(coordinator, { role: 'worker', services: [service] });
  await agent.ask({ method: 'POST', path: '/join', body: { code } });
  await certifyRequests(coordinator);
  await until(async () => (await agent.ask({ path: '/status' })).body['state'] === 'ready');
  return agent;
}

async function startAgent(state: string, server: string): Promise<TestAgent> {
  const { child, output } = runRelais(['agent', '--state', state, '--server', server]);
  const socket = join(state, 'agent.sock');
  await untilSaid(child, output, 'agent.sock');
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const ended = new Promise<number | null>((done) => child.once('exit', done));
    child.kill(signal);
    return ended;
  };
  return {
    state,
    socket,
    output,
    ask: (asked) => askSocket(socket, readToken(state), asked),
    kill: () => end('SIGKILL'),
    end: () => end('SIGTERM'),
    again: () => startAgent(state, server),
    stop: async () => {
      await end('SIGTERM');
      rmSync(state, { recursive: true, force: true });
    },
  };
}

export function readToken(state: string): string {
  return readFileSync(join(state, 'token'), 'utf8').trim();
}

/** `relais` with these arguments; `input` is what is typed. */
export function runRelais(
  args: readonly string[],
  input = '',
  settings: NodeJS.ProcessEnv = {},
): { child: ChildProcess; output: () => string } {
  const env = { PATH: process.env['PATH'], ...MOMENT, LANG: 'C.UTF-8', ...settings };
  const child = spawn(process.execPath, [RELAIS, ...args], { env, stdio: 'pipe' });
  let written = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (written += chunk.toString()));
  child.stdin.end(input);
  return { child, output: () => written };
}

/** Runs to its end. */
export async function relais(
  args: readonly string[],
  input = '',
): Promise<{ code: number | null; output: string }> {
  const { child, output } = runRelais(args, input);
  const code = await new Promise<number | null>((done) => child.once('close', done));
  return { code, output: output() };
}

async function untilSaid(child: ChildProcess, output: () => string, word: string): Promise<void> {
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`the agent ended (${child.exitCode}): ${output()}`);
    return Promise.resolve(output().includes(word));
  });
}

async function askSocket<T>(socketPath: string, token: string, asked: Asked): Promise<Answer<T>> {
  const { method = 'GET', path, body, headers = {} } = asked;
  const sent = asked.token === undefined ? token : asked.token;
  const call = request({
    socketPath,
    method,
    path,
    headers: {
      ...(sent === null ? {} : { authorization: `Bearer ${sent}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
  });
  call.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
  return new Promise<Answer<T>>((answered, failed) => {
    call.once('error', failed).once('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.once('error', failed).once('end', () => {
        const [type = ''] = (response.headers['content-type'] ?? '').split(';');
        const json = type.includes('json') ? (JSON.parse(text) as T) : ({} as T);
        answered({ status: response.statusCode ?? 0, type, text, body: json });
      });
    });
  });
}
