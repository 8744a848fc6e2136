import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { pullOnce } from '../../src/cli/witness/pull.js';
import { utf8 } from '../../src/protocol/encoding/bytes.js';
import { cosignNote } from '../../src/protocol/log/note.js';
import { readCheckpoint, formatAddCheckpoint, witnessName } from '../../src/protocol/log/witness.js';
import { sign } from '../../src/protocol/encoding/signed.js';
import { until } from '../support/machines/database.js';
import { freshKey } from '../support/network/founders.js';
import { LyingServer, startWitness } from '../support/log/lying-log-server.js';
import { freePort, givenNetwork, type FoundedServer } from '../support/machines/process.js';
import { TestNetwork } from '../support/log/public-log.js';
import { TestLog } from '../support/log/test-log.js';
import {
  givenPullWitness,
  givenWitness,
  noteOf,
  textOf,
  type TestWitnessFolder,
} from '../support/log/witness.js';
import { THIS_YEAR } from '../support/log/this-year.js';

describe('a witness before an operator that lies', () => {
  let server: LyingServer;
  let witness: TestWitnessFolder;
  let seen: TestLog;

  beforeEach(async () => {
    const network = new TestNetwork();
    network.finish();
    server = new LyingServer(network);
    witness = givenWitness(network.trust, network.source.id);
    await pullOnce(witness.state(), server.transport);
    expect(server.posted.map(({ size }) => size)).toEqual([String(network.entries.length), '64']);
    server.posted.length = 0;
    seen = network.consent;
  });
  afterEach(() => witness.remove());

  const pull = () => pullOnce(witness.state(), server.transport);
  const fork = (change: (leaves: Uint8Array[]) => Uint8Array[]): TestLog =>
    new TestLog(seen.origin, seen.key, change([...seen.leaves]));
  const more = (leaves: Uint8Array[]): Uint8Array[] => [
    ...leaves,
    ...Array.from({ length: 64 }, (_, i) => seen.leaves[i % 64] ?? new Uint8Array(33)),
  ];
  const swapped = (leaves: Uint8Array[]): Uint8Array[] => [
    ...leaves.slice(0, 3),
    leaves[4] ?? new Uint8Array(),
    leaves[3] ?? new Uint8Array(),
    ...leaves.slice(5),
  ];
  /** The registry, which is as it was, is cosigned; of the consent log nothing. */
  async function refuses(check: string): Promise<void> {
    await expect(pull()).rejects.toMatchObject({ check });
    expect(server.posted.filter(({ size }) => size !== String(server.network.entries.length))).toEqual([]);
    expect(witness.state().last(seen.origin)).toMatchObject({ size: 64n, root: seen.root(64) });
  }

  it('cosigns the log that goes on', async () => {
    server.show(fork(more));
    await pull();
    expect(server.posted.map(({ size }) => size)).toContain('128');
  });

  it('refuses a log that went back', async () => {
    server.show(seen, 32);
    await refuses('rollback');
  });

  it('refuses another tree of the size that it cosigned', async () => {
    server.show(fork(swapped));
    await refuses('another tree of that size was signed');
  });

  it('refuses a longer log in which a leaf was changed, also where its copy is gone', async () => {
    server.show(fork((leaves) => more(swapped(leaves))));
    await refuses('another tree of that size was signed');
    const again = givenWitness(server.network.trust, server.network.source.id);
    const state = again.state();
    state.cosign(textOf(seen.checkpoint()));
    await expect(pullOnce(state, server.transport)).rejects.toMatchObject({
      check: 'another tree of that size was signed',
    });
    again.remove();
  });

  it('refuses where it cosigned another tree by push than its copy went on with', async () => {
    const other = fork((leaves) => more(swapped(leaves)));
    witness.state().cosign(textOf(other.checkpoint(128)));
    server.show(fork(more));
    await expect(pull()).rejects.toMatchObject({ check: 'another tree of that size was signed' });
  });

  it('refuses entries that do not make the root that was signed', async () => {
    server.show(fork(more));
    server.files.set(
      'consent/2026/tile/entries/000.p/128',
      [...fork((l) => more(swapped(l))).files()].find(([path]) => path === 'tile/entries/000.p/128')?.[1] ??
        new Uint8Array(),
    );
    await refuses('another tree of that size was signed');
  });

  it('refuses a checkpoint of the other log, and one that another key signed', async () => {
    server.files.set('consent/2026/checkpoint', utf8(server.network.registry.checkpoint()));
    await refuses('note-signature');
    server.show(new TestLog(seen.origin, freshKey(), more([...seen.leaves])));
    await refuses('note-signature');
  });
});

describe('a witness as a process', () => {
  it('was killed at any moment, and never cosigns two trees of one size', async () => {
    const network = new TestNetwork();
    network.finish();
    const witness = givenWitness(network.trust, network.source.id);
    const { consent } = network;
    const swapped = [
      ...consent.leaves.slice(0, 3),
      consent.leaves[4],
      consent.leaves[3],
      ...consent.leaves.slice(5),
    ];
    const fork = new TestLog(consent.origin, consent.key, swapped as Uint8Array[]);
    const requests = [consent, fork].map((log) =>
      formatAddCheckpoint({ old: 0n, consistency: [], checkpoint: log.checkpoint() }),
    );
    const port = await freePort();
    const roots = new Set<string>();
    for (let round = 0; round < 6; round++) {
      const { child, ready } = startWitness(witness.path, port);
      await ready;
      const answers = Promise.all(
        [...requests, ...requests].map((body) =>
          fetch(`http://127.0.0.1:${port}/add-checkpoint`, { method: 'POST', body }).then(
            async (answer) => ({ status: answer.status, body, text: await answer.text() }),
            () => undefined,
          ),
        ),
      );
      if (round % 2 === 1) await answers;
      child.kill('SIGKILL');
      await once(child, 'exit');
      for (const answer of await answers) {
        if (answer?.status === 200) roots.add(answer.body);
        else if (answer) expect([answer.status, answer.text]).toEqual([409, '64\n']);
      }
      const kept = witness.state().last(consent.origin);
      if (kept)
        roots.add(
          requests.find((body) => body.includes(`\n64\n${Buffer.from(kept.root).toString('base64')}\n`)) ??
            '',
        );
    }
    expect(roots.size).toBe(1);
    witness.remove();
  });
});

describe('cosignatures that a server is sent', () => {
  let server: FoundedServer;
  let witness: Awaited<ReturnType<typeof givenPullWitness>>;

  beforeAll(async () => {
    server = await givenNetwork();
    witness = await givenPullWitness(server.network.trust, server.network.laRuelle);
    await until(async () => (await newest()).includes('registry'));
  });
  afterAll(async () => {
    witness.remove();
    await server.stop();
  });

  const newest = () =>
    noteOf(server.network.laRuelle.coordinator.transport, `/log/registry/${THIS_YEAR}/cosignatures`);
  async function post(cosignature: string, size?: bigint): Promise<{ status: number; witnessed?: boolean }> {
    const body = JSON.stringify({
      size: String(size ?? readCheckpoint(await newest()).size),
      cosignatures: [cosignature.trimEnd()],
    });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${server.address}/log/registry/${THIS_YEAR}/cosignatures`, {
      method: 'POST',
      body,
      headers,
    });
    return { status: answer.status, ...((await answer.json()) as object) };
  }

  it('do not count by a key that is not in the registry, nor under another’s name', async () => {
    const note = await newest();
    const { network, laRuelle, clinique } = { network: server.network.trust.network, ...server.network };
    const stranger = freshKey();
    for (const organisation of [laRuelle, clinique]) {
      const name = witnessName(network, organisation.coordinator.organisation.id);
      expect(await post(cosignNote(textOf(note), name, stranger, 1_800_000_000n))).toMatchObject({
        witnessed: false,
      });
    }
    const { key } = witness.state();
    const other = witnessName(network, clinique.coordinator.organisation.id);
    expect(await post(cosignNote(textOf(note), other, key, 1_800_000_000n))).toMatchObject({
      witnessed: false,
    });
    expect(await newest()).toBe(note);
  });

  it('do not count for another tree than the one that was cosigned', async () => {
    const note = textOf(await newest());
    const { key } = witness.state();
    const name = witnessName(
      server.network.trust.network,
      server.network.laRuelle.coordinator.organisation.id,
    );
    const [origin, size, root = ''] = note.split('\n');
    const earlier = `${origin}\n${Number(size) - 1}\n${root}\n`;
    expect(await post(cosignNote(earlier, name, key, 1_800_000_000n))).toMatchObject({ witnessed: false });
    expect(await post(cosignNote(note, name, key, 1_800_000_000n), 10_000n)).toMatchObject({ status: 404 });
    expect(await post(cosignNote(note, name, key, 1_800_000_000n))).toEqual({ status: 200, witnessed: true });
  });

  it('are one for each organisation: no second witness, and no key under two names', async () => {
    const { laRuelle, clinique } = server.network;
    const enter = async ({ coordinator }: typeof laRuelle, key: Uint8Array) => {
      const payload = {
        network: coordinator.network,
        organisation: coordinator.organisation.id,
        key: Buffer.from(key).toString('base64url'),
        from: await coordinator.today(),
      };
      return coordinator.postEntries([sign('witness+jws', payload, coordinator.coordinatorKey())]);
    };
    await expect(enter(laRuelle, freshKey().publicKey)).rejects.toMatchObject({ code: 'statement_invalid' });
    await expect(enter(clinique, witness.state().key.publicKey)).rejects.toMatchObject({
      code: 'statement_invalid',
    });
    const forOther = sign(
      'witness+jws',
      {
        network: clinique.coordinator.network,
        organisation: clinique.coordinator.organisation.id,
        key: Buffer.from(freshKey().publicKey).toString('base64url'),
        from: await clinique.coordinator.today(),
      },
      laRuelle.coordinator.coordinatorKey(),
    );
    await expect(laRuelle.coordinator.postEntries([forOther])).rejects.toMatchObject({
      code: 'statement_invalid',
    });
  });
});
