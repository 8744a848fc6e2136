import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe } from '@jest/globals';

const FOLDER = fileURLToPath(new URL('./partner/', import.meta.url));
const PYTHON = 'python3';
const NEEDED = 'apt-get install python3-cryptography (38 or later)';

/** Registers the tests where Python can run them; elsewhere says what is missing, and under CI that fails. */
export function describeWithPython(name: string, tests: () => void): void {
  const missing = spawnSync(PYTHON, ['-c', 'import cryptography']).status !== 0;
  if (missing && process.env['CI'] === 'true') throw new Error(`${name} needs ${NEEDED}`);
  if (missing) process.stderr.write(`skipped: ${name} needs ${NEEDED}\n`);
  (missing ? describe.skip : describe)(name, tests);
}

/** Runs a file of the partner's client; JSON in, standard output out. */
export async function python(file: string, args: readonly string[], input: unknown = {}): Promise<string> {
  const child = spawn(PYTHON, [file, ...args], {
    cwd: FOLDER,
    env: { PATH: process.env['PATH'], PYTHONDONTWRITEBYTECODE: '1' },
  });
  const written = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (written.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (written.err += chunk.toString()));
  child.stdin.end(JSON.stringify(input));
  const code = await new Promise((done) => child.once('close', done));
  if (code !== 0) throw new Error(`${file} ${args.join(' ')}: ${written.err}`);
  return written.out;
}
