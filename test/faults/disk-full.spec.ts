import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbedded, type EmbeddedDatabase } from '../../src/database/index.js';
import { listReferrals, listServices, Receipt } from '../../src/client/index.js';
import { referSomebody } from '../../src/cli/demo/referral.js';
import { Fence } from '../../src/server/log/fence.js';
import { until } from '../support/machines/database.js';
import { UNAVAILABLE } from '../support/requests/impatient.js';
import { LogWatch } from '../support/log/log-watch.js';
import { storedOf } from '../support/network/makers.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';
import { givenStory, STORED, type Story } from '../support/network/story.js';

/** A disk of its own, so small that a test can fill it; only the system's administrator can make one. */
function mountDisk(megabytes: number): { path: string; isMounted: boolean } {
  const path = mkdtempSync(join(tmpdir(), 'relais-disk-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700`, 'none', path]);
  return { path, isMounted: status === 0 };
}

function unmount(path: string): void {
  spawnSync('umount', [path]);
  rmSync(path, { recursive: true, force: true });
}

const ballastOf = (disk: string): string => join(disk, 'ballast');

function fill(disk: string): void {
  for (const chunk of [Buffer.alloc(65_536), Buffer.alloc(512)]) {
    try {
      for (;;) appendFileSync(ballastOf(disk), chunk);
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENOSPC' });
    }
  }
}

const [large, small] = [mountDisk(256), mountDisk(1)];
const isAble = large.isMounted && small.isMounted;
if (!isAble) {
  const reason = 'a full disk is not tested: this user may not mount a tmpfs';
  if (process.env['CI'] === 'true') throw new Error(reason);
  process.stderr.write(`${reason}\n`);
}

(isAble ? describe : describe.skip)('a full disk', () => {
  let database: EmbeddedDatabase;
  let server: FoundedServer;

  beforeAll(async () => {
    database = await startEmbedded(large.path);
    server = await givenNetwork(database.urls);
  }, 120_000);
  afterAll(async () => {
    await server.stop();
    await database.stop();
    for (const { path } of [large, small]) unmount(path);
  });

  it('under the database is told as a fault, loses nothing, and is over once there is room', async () => {
    const watch = new LogWatch(server);
    const stories: Story[] = [];
    while (stories.length < 12) stories.push(await givenStory(server));
    await stories[0]?.tell();
    await watch.look();
    fill(large.path);
    const told = await Promise.all(stories.slice(1).map(refusalOf));
    expect(told.filter((refusal) => refusal !== undefined).length).toBeGreaterThan(0);
    for (const refusal of told) expect([undefined, UNAVAILABLE]).toContain(refusal);
    rmSync(ballastOf(large.path));
    await until(async () => (await fetch(`${server.address}/health/ready`)).ok);
    for (const story of stories) {
      await story.tell();
      expect(await storedOf(server, story.referral)).toEqual(STORED[3]);
    }
    await watch.look();
    await until(() => watch.isSequenced());
    await watch.requireOneLog();
  }, 120_000);

  it('under the database refuses no read, a device’s or a person’s', async () => {
    const { laRuelle, clinique } = server.network;
    const { receiptCode } = await referSomebody(server.network, { calledName: 'Sam' });
    const receipt = await Receipt.fromCode(server.address, receiptCode);
    const reads = [
      () => listServices(laRuelle.worker),
      () => listReferrals(clinique.worker, 'inbox'),
      () => receipt.status(),
    ];
    for (const read of reads) await read();
    fill(large.path);
    try {
      const rounds = Array.from({ length: 40 }, () => reads.map((read) => read()));
      const told = await Promise.allSettled(rounds.flat());
      expect(told.filter(({ status }) => status === 'fulfilled')).toHaveLength(120);
    } finally {
      rmSync(ballastOf(large.path));
    }
  }, 120_000);

  it('under the fence leaves the old mark whole, and signs nothing until there is room', async () => {
    const fence = new Fence(small.path, 'relais-test/consent/2026');
    const marks = [1n, 2n].map((size) => ({ size, root: new Uint8Array(32).fill(Number(size)) }));
    const [first, second] = marks as [(typeof marks)[0], (typeof marks)[0]];
    await fence.write(first);
    fill(small.path);
    await expect(fence.write(second)).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(await fence.read()).toEqual(first);
    rmSync(ballastOf(small.path));
    await fence.write(second);
    expect(await fence.read()).toEqual(second);
  });

  /** The status with which a story was stopped, or undefined if it came to its end. */
  async function refusalOf(story: Story): Promise<number | undefined> {
    return story.tell().then(
      () => undefined,
      (error: unknown) => (error as { status?: number }).status,
    );
  }
});
