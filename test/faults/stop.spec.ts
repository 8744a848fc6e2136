import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runRelais } from '../support/machines/agent.js';
import { givenDatabase, until } from '../support/machines/database.js';
import { freePort, givenNetwork } from '../support/machines/process.js';
import { head, speak, type Spoken } from '../support/machines/raw-socket.js';
import { givenWitness } from '../support/log/witness.js';

const STOP_MS = 10_000;
const ARRIVAL_MS = 15_000;
/** Once a second what has run out of time is looked for, and this machine may be busy with other tests. */
const SLACK_MS = 5_000;

/** Where each takes a body, or refuses it, before it knows who asks. */
const PATHS = { server: '/v1/token', agent: '/join', witness: '/add-checkpoint' };
type Name = keyof typeof PATHS;

/** Lines as browsers, proxies and attackers leave them open. */
function linesOf(name: Name) {
  const body = { 'content-length': 100, 'content-type': 'application/json', connection: 'keep-alive' };
  return {
    nothing: '',
    halfAHead: 'GET / HTTP/1.1\r\nhost: relais\r\nx-half: ',
    halfABody: `${head(`POST ${PATHS[name]}`, body)}{"half`,
    afterAnAnswer: head('GET /', { connection: 'keep-alive' }),
  };
}

interface Program {
  readonly child: ChildProcess;
  readonly address: string;
  readonly output: () => string;
}

const root = mkdtempSync(join(tmpdir(), 'relais-stop-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** The command, with a free port in place of PORT, once it listens there. */
async function started(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Program> {
  const port = String(await freePort());
  const filled = args.map((arg) => arg.replace('PORT', port));
  const { child, output } = runRelais(filled, '', 'PORT' in env ? { ...env, PORT: port } : env);
  await until(() => Promise.resolve(output().includes(`127.0.0.1:${port}`)));
  return { child, output, address: `http://127.0.0.1:${port}` };
}

const programs: Readonly<Record<Name, () => Promise<Program>>> = {
  server: async () => {
    const { application, owner, sequencer } = await givenDatabase();
    const urls = { DATABASE_URL: application, DATABASE_OWNER_URL: owner, DATABASE_SEQUENCER_URL: sequencer };
    return started(['serve'], { ...urls, RELAIS_DATA: join(root, 'data'), PORT: '' });
  },
  agent: () =>
    started([
      'agent',
      '--state',
      join(root, 'agent'),
      '--server',
      'http://127.0.0.1:1',
      '--tcp',
      '127.0.0.1:PORT',
    ]),
  witness: async () => {
    const server = await givenNetwork();
    const { path } = givenWitness(server.network.trust, server.network.laRuelle.coordinator.organisation.id);
    await server.stop();
    return started([
      'witness',
      'serve',
      '--state',
      path,
      '--server',
      'http://127.0.0.1:1',
      '--tcp',
      '127.0.0.1:PORT',
    ]);
  },
};

describe.each(Object.keys(PATHS) as Name[])('the %s', (name) => {
  let program: Program;
  beforeAll(async () => {
    program = await programs[name]();
  });
  afterAll(() => void program.child.kill('SIGKILL'));

  it('opens no debugger on SIGUSR1, nor does the process that it has started', async () => {
    const { pid = 0 } = program.child;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
    for (const each of [pid, ...children.map(Number)]) process.kill(each, 'SIGUSR1');
    await expect(fetch(program.address)).resolves.toBeDefined();
    expect(children.length).toBe(name === 'server' ? 1 : 0);
    expect(program.output()).not.toContain('Debugger');
    await expect(fetch('http://127.0.0.1:9229/json')).rejects.toThrow();
  });

  it('waits fifteen seconds for a request, and no longer', async () => {
    const began = performance.now();
    const { heard: ofHead } = speak(program.address, linesOf(name).halfAHead);
    const { heard, socket } = speak(program.address, linesOf(name).halfABody);
    // a byte now and then gains nothing
    const drip = setInterval(() => socket.write('x'), 1_000);
    await Promise.all([ofHead, heard]);
    clearInterval(drip);
    expect(performance.now() - began).toBeLessThan(ARRIVAL_MS + SLACK_MS);
  });

  it('stops in ten seconds, whatever is connected, and ends well', async () => {
    const lines: Spoken[] = Object.values(linesOf(name)).map((bytes) => speak(program.address, bytes));
    await new Promise((done) => setTimeout(done, 300));
    const ended = new Promise<number | null>((done) => program.child.once('exit', done));
    const began = performance.now();
    program.child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(performance.now() - began).toBeLessThan(STOP_MS);
    await Promise.all(lines.map(({ heard }) => heard));
  });
});
