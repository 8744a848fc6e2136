import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { hold } from '../../src/database/index.js';
import { relais } from '../support/machines/agent.js';
import { until } from '../support/machines/database.js';
import { rounds } from '../support/machines/rounds.js';

const RELAIS = resolve('dist/src/cli/main.js');
const HOLDER = resolve('dist/src/database/holder.js');
const AT_ONCE = 12;
/** A container of its own, as far as process ids and shared memory go. */
const CONTAINER = ['--user', '--map-root-user', '--pid', '--ipc', '--mount-proc', '--fork', '--kill-child'];

const root = mkdtempSync(join(tmpdir(), 'relais-two-'));
afterAll(() => rmSync(root, { recursive: true }));

interface Run {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly code: Promise<number | null>;
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Run {
  const child = spawn(command, args, { env: { PATH: process.env['PATH'], ...env }, stdio: 'pipe' });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = new Promise<number | null>((done) => child.once('close', done));
  return { child, output: () => output, code };
}

describe('two containers on one data directory', () => {
  const data = join(root, 'data');
  const inContainer = (...args: string[]): Run =>
    run('unshare', [...CONTAINER, process.execPath, RELAIS, ...args], { RELAIS_DATA: data });
  const seen = (): unknown[] =>
    ['holder', 'postgres/postmaster.pid', 'postgres/.s.PGSQL.5432', 'postgres/.s.PGSQL.5432.lock'].map(
      (name) => {
        const { ino, mtimeMs } = statSync(join(data, name));
        return [name, ino, mtimeMs];
      },
    );

  it('the second says who has it and touches nothing, and begins once the first was killed', async () => {
    const first = inContainer('serve');
    await until(() => Promise.resolve(first.output().includes('/docs')));
    const before = seen();
    for (const command of ['serve', 'init']) {
      const second = inContainer(command);
      expect(await second.code).toBe(1);
      expect(second.output()).toMatch(/^relais \w+: .* is in use by process 1 on .*\n$/);
    }
    expect(seen()).toEqual(before);
    // the mark of the killed one names process 1, which the next one is as well
    first.child.kill('SIGKILL');
    await first.code;
    const next = inContainer('init');
    expect([await next.code, next.output()]).toEqual([0, expect.stringContaining('is ready')]);
  }, 180_000);
});

/** Says that it is in, stays for a moment, and is sometimes killed there. */
const ENTER = `
import { closeSync, openSync, rmSync } from 'node:fs';
const { hold } = await import(process.argv[1]);
const [, , home] = process.argv;
let letGo;
try { letGo = hold(home); } catch { process.exit(3); }
try { closeSync(openSync(home + '/inside', 'wx')); } catch { process.exit(4); }
await new Promise((done) => setTimeout(done, 100));
rmSync(home + '/inside');
if (process.argv[3] === 'die') process.kill(process.pid, 'SIGKILL');
letGo();
`;

describe('a directory that many want at once', () => {
  it('is held by one of them at a time, and by nobody once that one has gone or was killed', async () => {
    const home = join(root, 'race');
    for (let round = 0; round < rounds(2, 100); round++) {
      const ends = round % 2 === 0 ? 'die' : 'leave';
      const args = ['--input-type=module', '-e', ENTER, HOLDER, home, ends];
      const all = Array.from({ length: AT_ONCE }, () => run(process.execPath, args).code);
      const codes = await Promise.all(all);
      // 3: refused at the door; 4: let in while another was inside
      expect(codes.filter((code) => code === 4)).toEqual([]);
      expect(codes.filter((code) => code !== 3).length).toBeGreaterThan(0);
      hold(home)();
    }
  }, 120_000);

  it.each([
    ['agent', ['agent', '--server', 'http://127.0.0.1:1']],
    ['witness', ['witness', 'pull', '--server', 'http://127.0.0.1:1']],
    ['auditor', ['audit', 'draw']],
    ['export', ['export', 'make', '--to', join(root, 'export')]],
  ])('of an %s is left as it is to whoever holds it', async (_, args) => {
    const state = mkdtempSync(join(root, 'state-'));
    const draft = join(state, 'half.new');
    const letGo = hold(state);
    // what the holder is writing at that very moment
    writeFileSync(draft, 'half');
    const { code, output } = await relais([...args, '--state', state]);
    expect([code, output]).toEqual([1, expect.stringContaining(`in use by process ${process.pid} on `)]);
    expect(readFileSync(draft, 'utf8')).toBe('half');
    letGo();
  });

  it('of a copy of the logs is brought up to date by one at a time', async () => {
    const copy = join(root, 'copy');
    mkdirSync(copy);
    const trust = join(root, 'trust.json');
    writeFileSync(trust, '{}');
    const letGo = hold(copy);
    const { code, output } = await relais([
      'log',
      'export',
      copy,
      '--server',
      'http://127.0.0.1:1',
      '--trust',
      trust,
    ]);
    expect([code, output]).toEqual([1, expect.stringContaining('in use by process')]);
    letGo();
  });

  it('is held again where somebody has deleted the mark, by the name and not by what was deleted', () => {
    const home = join(root, 'deleted');
    hold(home)();
    rmSync(join(home, 'holder'));
    const letGo = hold(home);
    expect(() => hold(home)).toThrow(/in use/);
    letGo();
    expect(existsSync(join(home, 'holder'))).toBe(true);
  });
});
