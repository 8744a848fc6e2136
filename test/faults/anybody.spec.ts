import { spawn } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { givenDatabase, until } from '../support/machines/database.js';
import type { DatabaseUrls } from '../../src/database/index.js';

const RELAIS = resolve('dist/src/cli/main.js');
const PROGRAMS = ['flock', 'setpriv'];

const root = mkdtempSync(join(tmpdir(), 'relais-anybody-'));
afterAll(() => rmSync(root, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

function start(words: readonly string[], env: NodeJS.ProcessEnv, cwd = root) {
  const [command = '', ...args] = words;
  const child = spawn(command, args, { env: { PATH: process.env['PATH'], ...env }, stdio: 'pipe', cwd });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<Ended>((done) => child.once('close', (code) => done({ code, output })));
  return { child, output: () => output, ended };
}

const run = (words: readonly string[], env: NodeJS.ProcessEnv = {}, cwd = root): Promise<Ended> =>
  start(words, env, cwd).ended;
const relais = (...args: string[]): string[] => [process.execPath, RELAIS, ...args];

/** A user whom no list names, as `docker run --user 12345` makes one. */
const UNNAMED = ['unshare', '--user', '--map-user=12345', '--map-group=12345'];

/** A machine whose list of users is this one. */
function withUsers(list: string, words: readonly string[]): string[] {
  const passwd = join(root, 'passwd');
  writeFileSync(passwd, list);
  const script = 'mount --bind "$0" /etc/passwd && exec "$@"';
  return ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', script, passwd, ...words];
}

describe('a first start', () => {
  it('succeeds for a user without a name, in a directory with signs that mean something elsewhere', async () => {
    const data = join(root, `l’été, "quoted" and 'so on' $HOME; #1`);
    const env = { RELAIS_DATA: data, LC_ALL: '', LANG: '' };
    expect(await run([...UNNAMED, ...relais('init')], env)).toMatchObject({ code: 0 });
    expect((await run([...UNNAMED, ...relais('doctor')], env)).output).toContain('Nothing is wrong');
  }, 180_000);

  it('succeeds for root where nobody has the id 1000, and where the list has root and nobody alone', async () => {
    const users = readFileSync('/etc/passwd', 'utf8').split('\n');
    const lists = [users.filter((line) => !line.includes(':1000:')), ['root:x:0:0::/root:/bin/sh']];
    for (const [at, list] of lists.entries()) {
      const env = { RELAIS_DATA: join(root, `root-${at}`) };
      const nobody = 'nobody:x:65534:65534::/nonexistent:/bin/false';
      const words = withUsers([...list, nobody, ''].join('\n'), relais('init'));
      expect(await run(words, env)).toMatchObject({ code: 0 });
    }
  }, 180_000);

  it('says one thing, and the doctor the same before it, where a user without a name cannot be helped', async () => {
    const bin = join(root, 'bin');
    mkdirSync(bin);
    for (const name of PROGRAMS) symlinkSync(join('/usr/bin', name), join(bin, name));
    const env = { RELAIS_DATA: join(root, 'unnamed'), PATH: bin };
    const words = ['/usr/bin/unshare', ...UNNAMED.slice(1)];
    for (const command of ['doctor', 'init']) {
      const { code, output } = await run([...words, ...relais(command)], env);
      expect([command, code]).toEqual([command, 1]);
      expect(output).toContain('for a user whom this machine names');
    }
  }, 60_000);

  it('finds a shorter place for its socket than the data directory and TMPDIR', async () => {
    const long = join(root, 'a'.repeat(90));
    mkdirSync(join(long, 'tmp'), { recursive: true });
    const env = { RELAIS_DATA: join(long, 'data'), TMPDIR: join(long, 'tmp') };
    expect(await run(relais('init'), env)).toMatchObject({ code: 0 });
  }, 60_000);
});

describe('an agent whose socket’s path is too long', () => {
  it('says so, in one sentence', async () => {
    const state = join(root, 's'.repeat(120));
    const { code, output } = await run(relais('agent', '--server', 'http://127.0.0.1:1', '--state', state));
    expect([code, output.split('\n').length]).toEqual([2, 2]);
    expect(output).toMatch(/longer than \d+ bytes/);
  });
});

describe('a command', () => {
  it('that is asked what it does does nothing else', async () => {
    const empty = join(root, 'empty');
    mkdirSync(empty);
    for (const words of [
      ['init', '--help'],
      ['serve', '-h'],
      ['init', '--nonsense'],
      ['init', 'more'],
      ['--version'],
    ])
      await run(relais(...words), {}, empty);
    expect(readdirSync(empty)).toEqual([]);
    expect((await run(relais('--version'))).output).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect((await run(relais('nonsense'))).code).toBe(2);
  }, 60_000);
});

describe('settings', () => {
  let urls: DatabaseUrls;
  let env: NodeJS.ProcessEnv;
  beforeAll(async () => {
    urls = await givenDatabase();
    env = {
      RELAIS_DATA: join(root, 'own'),
      DATABASE_URL: urls.application,
      DATABASE_OWNER_URL: urls.owner,
      DATABASE_SEQUENCER_URL: urls.sequencer,
    };
  });

  it.each([
    [{ PORT: 'http' }, 'PORT must be'],
    [{ HOST: 'no.such.host.invalid' }, 'HOST is'],
    [{ RELAIS_ISSUER: 'relais.example' }, 'RELAIS_ISSUER must be'],
    [{ RELAIS_PROXIES: 'everybody' }, 'RELAIS_PROXIES must be'],
    [{ DATABASE_URL: 'mysql://x' }, 'A database URL looks like'],
    [{ DATABASE_OWNER_URL: undefined }, 'must be set'],
  ])(
    'that are wrong (%j) end in one sentence',
    async (wrong, says) => {
      const { code, output } = await run(relais('serve'), { ...env, ...wrong });
      expect([code, output]).toEqual([
        1,
        expect.stringMatching(new RegExp(`^relais[^\\n]*${says}[^\\n]*\\n$`)),
      ]);
    },
    60_000,
  );

  it('may name the loopback of IPv6, or be there and empty', async () => {
    const serving = start(relais('serve'), { ...env, HOST: '::1', PORT: '', RELAIS_PROXIES: '', LC_ALL: '' });
    await until(() => Promise.resolve(serving.output().includes('/docs')));
    const [address = ''] = /http:\/\/\[::1\]:\d+/.exec(serving.output()) ?? [];
    expect((await fetch(`${address}/health/ready`)).status).toBe(200);
    serving.child.kill('SIGTERM');
    expect((await serving.ended).code).toBe(0);
  }, 60_000);
});
