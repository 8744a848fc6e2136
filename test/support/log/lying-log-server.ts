import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Transport } from '../../../src/client/index.js';
import { utf8 } from '../../../src/protocol/encoding/bytes.js';
import type { TestNetwork } from './public-log.js';
import type { TestLog } from './test-log.js';

interface Posted {
  readonly size: string;
  readonly cosignatures: string[];
}

/** An operator that shows a witness whatever it likes: it holds the log's keys. */
export class LyingServer {
  readonly posted: Posted[] = [];
  files: Map<string, Uint8Array>;

  constructor(readonly network: TestNetwork) {
    this.files = network.publish();
  }

  show(consent: TestLog, size = consent.leaves.length): void {
    this.files = this.network.publish();
    for (const path of [...this.files.keys()]) if (path.startsWith('consent/')) this.files.delete(path);
    this.files.set('consent/2026/policy', utf8(this.network.policy));
    this.files.set('consent/2026/checkpoint', utf8(consent.checkpoint(size)));
    for (const [path, bytes] of consent.files(size)) this.files.set(`consent/2026/${path}`, bytes);
  }

  readonly transport = new Transport('http://relais.test', (input, init) => {
    const path = (input as URL).pathname;
    if (init?.method === 'POST') {
      this.posted.push(JSON.parse(init.body as string) as Posted);
      return Promise.resolve(Response.json({ witnessed: true }));
    }
    if (path === '/v1/charter') return Promise.resolve(Response.json({ version: 1 }));
    if (path.startsWith('/v1/')) return Promise.resolve(Response.json({ text: this.network.charter }));
    const bytes = this.files.get(path.slice('/log/'.length).replace('cosignatures', 'checkpoint'));
    return Promise.resolve(new Response(bytes ? new Uint8Array(bytes) : null, { status: bytes ? 200 : 404 }));
  });
}

/** `relais witness serve` on this port, as a process. */
export function startWitness(
  folder: string,
  port: number,
): { child: ChildProcess; ready: Promise<unknown>; said: () => string } {
  const where = ['--tcp', `127.0.0.1:${port}`, '--server', 'http://127.0.0.1:1'];
  const args = ['dist/src/cli/main.js', 'witness', 'serve', '--state', folder, ...where];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ready = once(child.stdout, 'data');
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return { child, ready, said: () => output };
}
