import { spawn, spawnSync } from 'node:child_process';

const PYTHON = '/usr/bin/python3';
/** Module to import → package of Debian and Ubuntu that has it. */
const PACKAGES = { authlib: 'python3-authlib', jwcrypto: 'python3-jwcrypto' };

/** What this machine lacks to run the foreign Python client, and how to get it; `undefined` if nothing. */
export function missingPython(): string | undefined {
  const absent = Object.entries(PACKAGES).flatMap(([module, name]) =>
    spawnSync(PYTHON, ['-c', `import ${module}`]).status === 0 ? [] : [name],
  );
  if (absent.length === 0) return undefined;
  return `${PYTHON} lacks ${absent.join(', ')}: apt-get install ${absent.join(' ')}`;
}

/** Runs a Python script that reads one JSON value and prints one. */
export async function runPython<T>(script: string, input: unknown): Promise<T> {
  const child = spawn(PYTHON, ['-I', script], { stdio: ['pipe', 'pipe', 'pipe'] });
  let [output, complaint] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  child.stdin.end(JSON.stringify(input));
  const code = await new Promise<number | null>((ended, failed) => {
    child.once('error', failed).once('close', ended);
  });
  if (code !== 0) throw new Error(`${script} ended with ${String(code)}: ${complaint}`);
  return JSON.parse(output) as T;
}
