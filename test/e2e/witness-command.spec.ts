import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerWitness } from '../../src/client/index.js';
import { fromBase64url } from '../../src/protocol/encoding/bytes.js';
import { relais } from '../support/machines/agent.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

/** As a small association sets it up: one folder, one key read out to the coordinator, one line for cron. */
describe('relais witness', () => {
  const root = mkdtempSync(join(tmpdir(), 'relais-witness-command-'));
  const trust = join(root, 'trust.json');
  const state = ['--state', join(root, 'witness'), '--language', 'fr'];
  let server: FoundedServer;
  let key: string;

  beforeAll(async () => {
    server = await givenNetwork();
    writeFileSync(trust, JSON.stringify(server.network.trust));
  });
  afterAll(async () => {
    rmSync(root, { recursive: true });
    await server.stop();
  });

  const organisation = (): string => server.network.clinique.coordinator.organisation.id;

  it('makes its key once, and says it again', async () => {
    const args = ['witness', 'new', ...state, '--trust', trust, '--organisation', organisation()];
    const { code, output } = await relais(args);
    expect(code).toBe(0);
    key = / {2}([\w-]{43})\n/.exec(output)?.[1] ?? '';
    expect(await relais(args)).toEqual({ code: 0, output });
    await registerWitness(server.network.clinique.coordinator, { key: fromBase64url(key) });
  });

  it('signs what it sees, time and again', async () => {
    for (let time = 0; time < 2; time++) {
      const { code, output } = await relais(['witness', 'pull', ...state, '--server', server.address]);
      expect([code, output]).toEqual([
        0,
        expect.stringMatching(/registry\/\d{4} : vu et signé, \d+ entrées ; assez de témoins/),
      ]);
    }
  });

  it('signs nothing of another network, and says so', async () => {
    const other = await givenNetwork();
    const { code, output } = await relais(['witness', 'pull', ...state, '--server', other.address]);
    expect([code, output]).toEqual([1, expect.stringContaining('PAS SIGNÉ')]);
    await other.stop();
  });

  it.each([
    ['no action', []],
    ['an unknown action', ['sleep', ...state]],
    ['no folder', ['pull', '--server', 'http://127.0.0.1:9']],
    ['no server', ['pull', ...state]],
    ['no organisation', ['new', ...state, '--trust', trust]],
    ['an organisation that is no id', ['new', ...state, '--trust', trust, '--organisation', 'Seuil']],
    ['no port', ['serve', ...state, '--tcp', '127.0.0.1']],
    ['an unknown option', ['pull', ...state, '--force']],
  ])('says how it is used with %s', async (_, args) => {
    const { code, output } = await relais(['witness', ...args]);
    expect([code, output]).toEqual([
      2,
      expect.stringMatching(/^relais witness: .+ \(relais witness --help\)\n$/),
    ]);
  });
});
