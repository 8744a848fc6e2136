import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { connectionOptions, type DatabaseUrls } from '../../src/database/index.js';
import { reapedSeconds } from './cpu.js';
import type { Script } from './sql.js';

export interface Ran {
  readonly runs: number;
  readonly seconds: number;
  /** CPU seconds of the client. */
  readonly cpu: number;
}

/** What the reference is measured with: said in the table. */
export const REFERENCE =
  spawnSync('pgbench', ['--version']).status === 0 ? 'pgbench' : 'the driver’s own loop';

/** The same SQL from as plain a client as there is, with as many connections. */
export async function runScript(
  urls: DatabaseUrls,
  script: Script,
  seconds: number,
  connections = 16,
): Promise<Ran> {
  return REFERENCE === 'pgbench'
    ? runPgbench(urls, script, seconds, connections)
    : runDriver(urls, script, seconds, connections);
}

async function runPgbench(
  urls: DatabaseUrls,
  { statements, variables }: Script,
  seconds: number,
  connections: number,
): Promise<Ran> {
  const directory = mkdtempSync(join(tmpdir(), 'relais-pgbench-'));
  const file = join(directory, 'script.sql');
  writeFileSync(
    file,
    ['\\set r random(1, 4611686018427387903)', ...statements.map((sql) => `${sql};`)].join('\n'),
  );
  const url = new URL(urls.application);
  const before = reapedSeconds();
  const child = spawn(
    'pgbench',
    [
      ...['-n', '-M', 'prepared', '-c', String(connections), '-T', String(seconds), '-f', file],
      ...Object.entries(variables).flatMap(([name, value]) => ['-D', `${name}=${value}`]),
    ],
    {
      env: {
        PATH: process.env['PATH'],
        PGHOST: url.searchParams.get('host') ?? url.hostname,
        PGUSER: url.username,
        PGPASSWORD: decodeURIComponent(url.password),
        PGDATABASE: url.pathname.slice(1),
        PGOPTIONS: '-c plan_cache_mode=force_generic_plan',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise((done) => child.once('close', done));
  rmSync(directory, { recursive: true });
  const [, runs] = /number of transactions actually processed: (\d+)/.exec(output) ?? [];
  if (code !== 0 || runs === undefined) throw new Error(`pgbench: ${output.slice(-2000)}`);
  return { runs: Number(runs), seconds, cpu: reapedSeconds() - before };
}

async function runDriver(
  urls: DatabaseUrls,
  { statements, variables }: Script,
  seconds: number,
  connections: number,
): Promise<Ran> {
  const named = statements.map((sql) => withNumbers(sql, variables));
  const cpu = process.cpuUsage();
  const end = performance.now() + seconds * 1000;
  const loop = async (): Promise<number> => {
    const client = new pg.Client(connectionOptions(urls.application));
    await client.connect();
    await client.query('SET plan_cache_mode = force_generic_plan');
    let runs = 0;
    for (; performance.now() < end; runs++) {
      const r = String(Math.floor(Math.random() * Number.MAX_SAFE_INTEGER));
      for (const [i, { text, names }] of named.entries()) {
        const values = names.map((name) => (name === 'r' ? r : variables[name]));
        await client.query({ name: `s${i}`, text, values });
      }
    }
    await client.end();
    return runs;
  };
  const runs = await Promise.all(Array.from({ length: connections }, loop));
  const used = process.cpuUsage(cpu);
  return { runs: runs.reduce((a, b) => a + b, 0), seconds, cpu: (used.user + used.system) / 1e6 };
}

function withNumbers(sql: string, variables: Script['variables']): { text: string; names: string[] } {
  const names = ['r', ...Object.keys(variables)].filter((name) => new RegExp(`[^:]:${name}\\b`).test(sql));
  const text = names.reduce(
    (bound, name, i) => bound.replaceAll(new RegExp(`([^:]):${name}\\b`, 'g'), `$1$${i + 1}::text`),
    sql,
  );
  return { text, names };
}
