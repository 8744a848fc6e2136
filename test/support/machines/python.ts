import { spawn, spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { describeWith } from './needs.js';
import { MOMENT } from './moment.js';

/** The system's own, for which Debian's packages are. */
const PYTHON = '/usr/bin/python3';
/** Module to import → package of Debian and Ubuntu that has it. */
const PACKAGES = {
  authlib: 'python3-authlib',
  cryptography: 'python3-cryptography',
  jwcrypto: 'python3-jwcrypto',
} as const;

/**
 * Registers tests where Python has these modules; elsewhere says what is missing, and under CI that is a
 * failure.
 */
export function describeWithPython(
  name: string,
  modules: readonly (keyof typeof PACKAGES)[],
  tests: () => void,
): void {
  const absent = modules.filter((module) => spawnSync(PYTHON, ['-c', `import ${module}`]).status !== 0);
  describeWith(
    name,
    absent.map((module) => PACKAGES[module]),
    tests,
  );
}

/** Runs a Python file in its folder; JSON, or text as it is typed, in, standard output out. */
export async function python(file: string, args: readonly string[], input: unknown = {}): Promise<string> {
  const child = spawn(PYTHON, [file, ...args], {
    cwd: dirname(file),
    env: { PATH: process.env['PATH'], ...MOMENT, PYTHONDONTWRITEBYTECODE: '1' },
  });
  const written = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (written.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (written.err += chunk.toString()));
  child.stdin.end(typeof input === 'string' ? input : JSON.stringify(input));
  const code = await new Promise<number | null>((ended, failed) => {
    child.once('error', failed).once('close', ended);
  });
  if (code !== 0) throw new Error(`${file} ended with ${String(code)}: ${written.err}`);
  return written.out;
}
