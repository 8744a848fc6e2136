import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { emptyEmbedded } from '../../database/index.js';
import { command } from '../command.js';
import { runServer, type Running } from '../run-server.js';
import { DEFAULT_DATA, untilStopped } from '../serve.js';
import { Narrator } from './narrator.js';
import { tellStory } from './story.js';

/** The whole story through the real API; `--once` ends after it and leaves nothing running. */
export const demoCommand = command('demo', async ({ flags }) => {
  const data = join(resolve(process.env['RELAIS_DATA'] ?? DEFAULT_DATA), 'demo');
  // it begins with an empty network, also after one that was killed
  await emptyEmbedded(data);
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
  if (flags.has('once')) {
    await running.stop();
    return 0;
  }
  return keepServing(running);
});

function writeInto(directory: string, path: string, bytes: Uint8Array | string): void {
  const file = join(directory, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
}

async function keepServing(running: Running): Promise<number> {
  process.stdout.write(`\nStill serving at ${running.address}. Stop it with Ctrl+C.\n`);
  return untilStopped(running);
}
