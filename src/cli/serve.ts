import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { command } from './command.js';
import { runServer, type Running } from './run-server.js';

export const DEFAULT_DATA = '.relais';

/** Serves a network until it is told to stop; a new one says what to do next. */
export const serveCommand = command('serve', async () => {
  const data = process.env['RELAIS_DATA'] ?? DEFAULT_DATA;
  const running = await runServer({ data, log: 'inherit' });
  process.stdout.write(nextSteps(running, data));
  return untilStopped(running);
});

function nextSteps({ address }: Running, data: string): string {
  const token = join(resolve(data), 'founding-token');
  if (!existsSync(token)) return `\nRelais serves at ${address} (documentation: ${address}/docs).\n\n`;
  return `
Relais serves an empty network at ${address}.

Next, found it:
  1. Open ${address}/v1/network and write down, on paper, the network's id and the keys of its two logs.
  2. Each founding organisation makes its keys with relais/client (prepareFounder): docs/protocol/partner-app.md, "Founding".
  3. One of them sends the founding (foundNetwork) with the one-time token in
     ${token}
The API is described at ${address}/docs. To see a whole network at work: npm run demo.

`;
}

/** Until the server ends by itself, or somebody stops this process. */
export async function untilStopped(running: Running): Promise<number> {
  const stopped = new Promise<'stopped'>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done('stopped'));
  });
  const outcome = await Promise.race([running.ended, stopped]);
  await running.stop();
  return outcome === 'stopped' ? 0 : outcome;
}
