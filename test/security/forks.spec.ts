import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { ForkMet } from '../../src/cli/witness/forks.js';
import { pullOnce } from '../../src/cli/witness/pull.js';
import { witnessApp } from '../../src/cli/witness/serve.js';
import { formatAddCheckpoint } from '../../src/protocol/log/witness.js';
import { until } from '../support/machines/database.js';
import { freshKey } from '../support/network/founders.js';
import { LyingServer, startWitness } from '../support/log/lying-log-server.js';
import { freePort } from '../support/machines/process.js';
import { TestNetwork } from '../support/log/public-log.js';
import { TestLog } from '../support/log/test-log.js';
import { givenWitness, type TestWitnessFolder } from '../support/log/witness.js';

describe('a witness that meets a fork', () => {
  const network = new TestNetwork();
  network.finish();
  const seen = network.consent;
  const forkOf = (change: number, size = 64): TestLog => {
    const leaves = [...seen.leaves, ...seen.leaves].slice(0, size);
    leaves[change] = new Uint8Array(33).fill(change + 1);
    return new TestLog(seen.origin, seen.key, leaves);
  };
  let server: LyingServer;
  let witness: TestWitnessFolder;
  beforeEach(async () => {
    server = new LyingServer(network);
    witness = givenWitness(network.trust, network.source.id);
    await pullOnce(witness.state(), server.transport);
  });
  afterEach(() => witness.remove());

  const forks = (): string[] => {
    const folder = join(witness.path, 'forks');
    return existsSync(folder) ? readdirSync(folder).sort() : [];
  };
  const keptOf = (name: string): string => readFileSync(join(witness.path, 'forks', name), 'utf8');
  const push = async (log: TestLog, old = 64n, consistency: Uint8Array[] = [], told: string[] = []) => {
    const app = witnessApp(
      witness.state(),
      () => undefined,
      ({ where }) => told.push(where),
    );
    return asked(app, formatAddCheckpoint({ old, consistency, checkpoint: log.checkpoint() }));
  };
  const asked = async (app: FastifyInstance, body: string) => {
    const address = await app.listen({ host: '127.0.0.1', port: 0 });
    const answer = await fetch(`${address}/add-checkpoint`, { method: 'POST', body });
    const told = { status: answer.status, body: await answer.text() };
    await app.close();
    return told;
  };

  it('that comes by itself keeps both notes, says where, and a second fork beside the first', async () => {
    for (const [i, fork] of [forkOf(3), forkOf(4, 128), forkOf(3)].entries()) {
      server.show(fork);
      const met = (await pullOnce(witness.state(), server.transport).catch(
        (error: unknown) => error,
      )) as ForkMet;
      expect(met).toBeInstanceOf(ForkMet);
      const kept = readFileSync(met.where, 'utf8');
      expect(kept).toBe(`${seen.checkpoint(64)}\n${fork.checkpoint()}`);
      expect(forks()).toHaveLength(Math.min(i + 1, 2));
    }
    server.show(seen);
    await pullOnce(witness.state(), server.transport);
    expect(forks()).toHaveLength(2);
  });

  it('that is asked answers as before, keeps both notes, tells once, and goes on refusing', async () => {
    const told: string[] = [];
    for (const old of [64n, 0n, 64n])
      expect(await push(forkOf(3), old, [], told)).toEqual({ status: 409, body: '64\n' });
    expect(told).toEqual(forks().map((name) => join(witness.path, 'forks', name)));
    expect(forks().map(keptOf)).toEqual([`${seen.checkpoint(64)}\n${forkOf(3).checkpoint()}`]);
    expect(witness.state().last(seen.origin)).toMatchObject({ root: seen.root(64) });
  });

  it('keeps few of what a stranger makes of an honest note, and those take no place of a fork', async () => {
    for (let n = 0; n < 40; n++) {
      const grown = new TestLog(seen.origin, seen.key, [...seen.leaves, ...seen.leaves.slice(0, n + 1)]);
      expect((await push(grown, 64n, [new Uint8Array(32)])).status).toBe(422);
    }
    expect(forks()).toHaveLength(16);
    expect(forks().every((name) => name.startsWith('unproven-'))).toBe(true);
    await push(seen, 0n);
    expect((await push(new TestLog(seen.origin, freshKey(), forkOf(3).leaves))).status).toBe(403);
    expect(forks()).toHaveLength(16);
    await push(forkOf(3));
    expect(forks()).toHaveLength(17);
  });

  it('fills no disk, whatever the log signs', async () => {
    for (let n = 0; n < 70; n++) {
      const leaves = [...seen.leaves];
      leaves[5] = Uint8Array.of(1, n, ...new Uint8Array(31));
      await push(new TestLog(seen.origin, seen.key, leaves));
    }
    expect(forks()).toHaveLength(64);
  });

  it('keeps nothing of the lines that others have added', async () => {
    const [text = '', lines = ''] = forkOf(3).checkpoint().split('\n\n');
    const padded = `${text}\n\n${'— stranger AAAAAAAA\n'.repeat(90)}${lines}`;
    const app = witnessApp(witness.state(), () => undefined);
    const body = formatAddCheckpoint({ old: 64n, consistency: [], checkpoint: padded });
    expect((await asked(app, body)).status).toBe(409);
    expect(forks().map(keptOf)).toEqual([`${seen.checkpoint(64)}\n${forkOf(3).checkpoint()}`]);
  });

  it('says on stderr where, as a process', async () => {
    const port = await freePort();
    const { child, ready, said } = startWitness(witness.path, port);
    await ready;
    const body = formatAddCheckpoint({ old: 64n, consistency: [], checkpoint: forkOf(3).checkpoint() });
    expect((await fetch(`http://127.0.0.1:${port}/add-checkpoint`, { method: 'POST', body })).status).toBe(
      409,
    );
    await until(() => Promise.resolve(said().includes(join(witness.path, 'forks', forks()[0] ?? 'none'))));
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(forks()).toHaveLength(1);
  });
});
