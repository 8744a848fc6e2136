import { describe, expect, it } from '@jest/globals';
import { Transport } from '../../src/client/index.js';
import { ConsentLogFollower } from '../../src/client/device/consent-log.js';
import { RegistryFollower } from '../../src/client/device/registry.js';
import type { RegistryState } from '../../src/client/device/state.js';
import { randomBytes, toBase64, utf8 } from '../../src/protocol/encoding/bytes.js';
import { parseVkey } from '../../src/protocol/log/note.js';
import { statementLeaf } from '../../src/protocol/log/leaves.js';
import { consistencyProof, leafHash, rootOf } from '../../src/protocol/log/merkle.js';
import { formatPolicy } from '../../src/protocol/log/policy.js';
import { freshKey } from '../support/network/founders.js';
import { TestNetwork, YEAR } from '../support/log/public-log.js';
import { TestLog } from '../support/log/test-log.js';
import { treeOf, turnYear, type TurnChange } from '../support/log/years.js';

type Files = Map<string, Uint8Array>;

/** What a server shows whose logs these are: no witness has seen anything, and nobody needs one. */
function filesOf(network: TestNetwork): Files {
  const files = network.publish();
  for (const [path, bytes] of [...files])
    if (path.endsWith('/checkpoint')) files.set(path.replace('checkpoint', 'cosignatures'), bytes);
  return files;
}

function serve(files: Files): Transport {
  return new Transport('http://127.0.0.1', (input) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    const bytes = files.get(pathname.replace('/log/', ''));
    return Promise.resolve(
      bytes ? new Response(bytes as Uint8Array<ArrayBuffer>) : new Response('{}', { status: 404 }),
    );
  });
}

/** A device that knows the logs of the founding. */
function follower(
  network: TestNetwork,
  files: Files,
  registry: RegistryState = { entries: [], checkpoint: null },
): RegistryFollower {
  const { trust } = network;
  const logs = [...trust.logs.consent, ...trust.logs.registry].map(parseVkey);
  const { network: id, roots } = trust;
  return new RegistryFollower(serve(files), {
    issuer: '',
    trust: { network: id, roots },
    policy: formatPolicy(logs),
    registry,
  });
}

describe('a device that is shown a new year', () => {
  const turned = (change: TurnChange = {}): TestNetwork => {
    const network = new TestNetwork();
    turnYear(network, change);
    return network;
  };

  it('follows from the logs of the founding to the newest, and goes on from there', async () => {
    const network = new TestNetwork();
    const december = follower(network, filesOf(network));
    await december.follow();
    turnYear(network);
    turnYear(network);
    const january = follower(network, filesOf(network), december.state);
    expect((await january.follow()).years).toHaveLength(2);
    expect(january.policy.logs.map(({ name }) => name.slice(-4))).toEqual(
      [YEAR, YEAR, YEAR + 1, YEAR + 1, YEAR + 2, YEAR + 2].map(String),
    );
    expect(january.state.checkpoint).toContain(`/registry/${YEAR + 2}\n`);
    network.revokeTarget();
    const again = follower(network, filesOf(network), january.state);
    expect((await again.follow()).entries).toEqual(network.entries);
  });

  it.each<[string, TurnChange, string]>([
    ['named by another key than the log’s', { announcedBy: freshKey() }, 'signer'],
    ['signed by a key that nobody named', { next: { registry: freshKey() } }, 'note-signature'],
    ['whose first entry another key has signed', { openedBy: freshKey() }, 'signer'],
    ['after another registry', { opening: { registry: treeOf(new TestNetwork().registry) } }, 'log-opening'],
  ])('refuses one %s', async (_, change, check) => {
    const network = turned(change);
    await expect(follower(network, filesOf(network)).follow()).rejects.toMatchObject({ check });
  });

  it('refuses one that begins in the log of the year before', async () => {
    const network = turned();
    network.ended[0]?.registry.add(utf8(network.entries.at(-1) ?? ''));
    await expect(follower(network, filesOf(network)).follow()).rejects.toMatchObject({
      check: 'consistency',
    });
  });

  it('refuses to be kept in the old year: one that was named must be shown', async () => {
    const network = turned();
    const files = filesOf(network);
    files.delete(`registry/${YEAR + 1}/cosignatures`);
    await expect(follower(network, files).follow()).rejects.toMatchObject({ check: 'checkpoint' });
  });

  it('refuses to be taken back into the old year', async () => {
    const network = new TestNetwork();
    const old = filesOf(network);
    turnYear(network);
    const device = follower(network, filesOf(network));
    await device.follow();
    await expect(follower(network, old, device.state).follow()).rejects.toMatchObject({
      check: 'checkpoint',
    });
    const fork = new TestNetwork();
    turnYear(fork);
    await expect(follower(network, filesOf(fork), device.state).follow()).rejects.toMatchObject({
      check: 'note-signature',
    });
  });

  it('refuses a key that it has on paper otherwise', async () => {
    const network = turned();
    const { logs } = network.trust;
    const other = new TestLog(network.registry.origin);
    const device = new RegistryFollower(serve(filesOf(network)), {
      issuer: '',
      trust: { network: network.network, roots: network.trust.roots },
      policy: formatPolicy([...logs.consent, ...logs.registry, other.vkey].map(parseVkey)),
      registry: { entries: [], checkpoint: null },
    });
    await device.follow().catch(() => undefined);
    expect(() => device.policy).toThrow(expect.objectContaining({ check: 'policy' }));
  });
});

/** Statements of December and January, under whatever trees the server shows. */
describe('the consent log of an old year, as a device is shown it', () => {
  const network = new TestNetwork();
  const [early, late] = [network.release(network.give()), network.release(network.give())];
  network.pads(300);
  const december = { size: network.consent.leaves.length, note: network.consent.checkpoint() };
  network.pads(40);
  turnYear(network);
  network.receive(early);
  const old = network.ended[0]?.consent ?? network.consent;
  const files = filesOf(network);

  async function device(seen?: string, shown = files): Promise<ConsentLogFollower> {
    const registry = follower(network, files);
    await registry.follow();
    return new ConsentLogFollower(network.log, { follower: registry, transport: serve(shown) }, seen, 0);
  }

  const answer = async (consent = early, change: { log?: TestLog; size?: number } = {}) => {
    const statements = await Promise.all(
      consent.statements.map(async ({ jws, index, opening, log }) => ({
        jws,
        proof: await (log === old ? (change.log ?? old) : log).proof(
          index,
          opening,
          log === old ? change.size : undefined,
        ),
      })),
    );
    const last = consent.statements.at(-1)?.log ?? old;
    const checkpoint = last === old ? (change.log ?? old).checkpoint(change.size) : last.checkpoint();
    return { checkpoint, consistency: [], statements };
  };

  const forked = (): TestLog => new TestLog(old.origin, old.key, [...old.leaves.slice(0, -1), randomLeaf()]);
  const randomLeaf = (): Uint8Array => statementLeaf(network.log, randomBytes(32), 'x');

  it('must have ended as the registry says, also where the device has seen it before that', async () => {
    const follows = await device(december.note);
    expect(await follows.take(await answer(), december.note)).toBe(true);
    expect(follows.checkpoint).toContain(`/consent/${YEAR + 1}\n`);
    // a case of the old year afterwards: the newest tree is still the one that was seen
    const newest = follows.checkpoint;
    expect(await follows.take(await answer(late), newest)).toBe(true);
    expect(follows.checkpoint).toBe(newest);
  });

  it('must contain what the device saw in December', async () => {
    const other = new TestLog(old.origin, old.key, [...old.leaves.slice(0, december.size - 1), randomLeaf()]);
    const seen = other.checkpoint();
    await expect((await device(seen)).take(await answer(), seen)).rejects.toMatchObject({
      check: 'consistency',
    });
    const larger = new TestLog(old.origin, old.key, [...old.leaves, randomLeaf()]).checkpoint();
    await expect((await device(larger)).take(await answer(), larger)).rejects.toMatchObject({
      check: 'rollback',
    });
    const bare = new Map([...files].filter(([path]) => !path.includes('/tile/')));
    await expect(
      (await device(december.note, bare)).take(await answer(), december.note),
    ).rejects.toMatchObject({
      check: 'consistency',
    });
  });

  it('is shown under its last tree and no other', async () => {
    for (const change of [{ size: december.size }, { log: forked() }]) {
      await expect((await device()).take(await answer(early, change), undefined)).rejects.toMatchObject({
        check: 'consistency',
      });
      const newest = network.consent.checkpoint();
      await expect((await device(newest)).take(await answer(late, change), newest)).rejects.toMatchObject({
        check: 'consistency',
      });
    }
  });

  it('is not gone back to where the registry knows of no end', async () => {
    const sources = { follower: follower(network, files), transport: serve(files) };
    const { policy, registry } = await (async () => {
      const all = follower(network, files);
      await all.follow();
      return { policy: all.policy, registry: sources.follower.registry };
    })();
    const newest = network.consent.checkpoint();
    const unaware = new ConsentLogFollower(
      network.log,
      { ...sources, follower: { policy, registry } },
      newest,
      0,
    );
    await expect(unaware.take(await answer(late), newest)).rejects.toMatchObject({ check: 'rollback' });
    const awake = new ConsentLogFollower(
      network.log,
      { ...sources, follower: { policy, registry } },
      december.note,
      0,
    );
    await expect(awake.take(await answer(), december.note)).rejects.toMatchObject({ check: 'rollback' });
  });

  it('grows within a year as ever', async () => {
    const { size } = december;
    const hashes = old.leaves.map(leafHash);
    const nodes = (level: number, n: bigint): Uint8Array =>
      rootOf(hashes.slice(Number(n) << level, Number(n + 1n) << level));
    const proof = await consistencyProof(nodes, BigInt(size), BigInt(hashes.length));
    const next = { ...(await answer(late)), consistency: proof.map(toBase64) };
    const follows = await device(december.note);
    expect(await follows.take(next, december.note)).toBe(true);
    expect(follows.checkpoint).toBe(old.checkpoint());
  });
});
