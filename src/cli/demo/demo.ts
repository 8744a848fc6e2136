import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { endEmbedded } from '../../database/index.js';
import { runServer, type Running } from '../run-server.js';
import { DEFAULT_DATA, untilStopped } from '../serve.js';
import { Narrator } from './narrator.js';
import { tellStory } from './story.js';

/** The whole story through the real API; `--once` ends after it and leaves nothing running. */
export async function demoCommand(argv: string[]): Promise<number> {
  const { values } = parseArgs({ args: argv, options: { once: { type: 'boolean', default: false } } });
  const data = join(resolve(process.env['RELAIS_DATA'] ?? DEFAULT_DATA), 'demo');
  await startAfresh(data);
  const running = await runServer({ data, log: 'ignore' });
  try {
    await tellStory(new Narrator(), running, {
      token: readFileSync(join(data, 'founding-token'), 'utf8').trim(),
      write: (path, bytes) => writeInto(data, path, bytes),
      paper: join(data, 'paper.html'),
      audit: join(data, 'audit'),
      witness: join(data, 'witness'),
    });
  } catch (error) {
    await running.stop();
    throw error;
  }
  if (values.once) {
    await running.stop();
    return 0;
  }
  return keepServing(running);
}

/** A demonstration begins with an empty network, also after one that was killed. */
async function startAfresh(data: string): Promise<void> {
  await endEmbedded(data);
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { recursive: true, mode: 0o700 });
}

function writeInto(directory: string, path: string, bytes: Uint8Array | string): void {
  const file = join(directory, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
}

async function keepServing(running: Running): Promise<number> {
  process.stdout.write(`\nStill serving at ${running.address}. Stop it with Ctrl+C.\n`);
  return untilStopped(running);
}
