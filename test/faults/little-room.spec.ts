import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, rmSync, statfsSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Room } from '../../src/server/common/room.js';
import type { Config } from '../../src/server/config/index.js';
import { refusalOf } from '../../src/server/refusals.js';
import { startEmbedded, type EmbeddedDatabase } from '../../src/database/index.js';
import { newId } from '../../src/protocol/encoding/bytes.js';
import { until } from '../support/machines/database.js';
import { impatient } from '../support/requests/impatient.js';
import {
  givenReferral,
  givenSend,
  postSend,
  storedOf,
  type GivenReferral,
} from '../support/network/makers.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

const MIB = 2 ** 20;
/**
 * The disk itself belongs to the long tier: it takes minutes until PostgreSQL has come back on a full one.
 */
const isLong = process.env['RELAIS_LONG'] === '1';

/** A disk of its own, which only the system's administrator can make. */
const disk = isLong ? mkdtempSync(join(tmpdir(), 'relais-little-room-')) : '';
const isAble =
  isLong && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=400m,mode=0700', 'none', disk]).status === 0;
if (isLong && !isAble) {
  const reason = 'a disk with little room is not tested: this user may not mount a tmpfs';
  if (process.env['CI'] === 'true') throw new Error(reason);
  process.stderr.write(`${reason}\n`);
}

const free = (): number => {
  const { bavail, bsize } = statfsSync(disk);
  return bavail * bsize;
};
const ballast = join(disk, 'ballast');

/** Fills the disk until so much is left. */
function leave(bytes: number): void {
  if (!existsSync(ballast)) appendFileSync(ballast, '');
  const size = statSync(ballast).size;
  if (free() < bytes) truncateSync(ballast, Math.max(0, size - (bytes - free())));
  for (const chunk of [MIB, 4096, 1])
    try {
      while (free() - bytes >= chunk) appendFileSync(ballast, Buffer.alloc(chunk));
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENOSPC' });
    }
}

/** A describe that is left out, not skipped, in the short tier. */
const onADisk = (name: string, sentences: () => void): void => {
  if (isLong) (isAble ? describe : describe.skip)(name, sentences);
};

onADisk('a disk with little room', () => {
  let database: EmbeddedDatabase;
  let server: FoundedServer;
  const leaving: GivenReferral[] = [];

  beforeAll(async () => {
    database = await startEmbedded(disk);
    // keys and fence on the same disk, as `relais serve` has them
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = disk;
    server = await givenNetwork(database.urls);
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    while (leaving.length < 3) leaving.push(await givenReferral(server, 'received'));
  }, 300_000);
  afterAll(async () => {
    await server.stop();
    await database.stop();
    spawnSync('umount', [disk]);
    rmSync(disk, { recursive: true, force: true });
  });

  const send = async (): Promise<unknown> => {
    const { body } = await givenSend(server.network);
    const sender = await impatient(server.network.laRuelle.worker, server);
    return postSend(sender, body, newId()).then(
      () => 'sent',
      (error: unknown) => (error as { code: string }).code,
    );
  };
  const roomy = async (): Promise<boolean> => {
    const ready = await fetch(`${server.address}/health/ready`);
    return ((await ready.json()) as { checks: { room: boolean } }).checks.room;
  };

  it('refuses sends, by a code that no client repeats, and says so; withdrawals go on', async () => {
    expect(await send()).toBe('sent');
    leave(60 * MIB);
    await until(async () => !(await roomy()));
    expect(await send()).toBe('storage_full');
    await leaving[0]?.receipt.withdraw();
    expect(await storedOf({ urls: database.urls }, leaving[0]?.referral ?? '')).toMatchObject({
      handoffs: 0,
      wraps: 0,
    });
    expect(server.output()).toContain('nothing new is taken; withdrawals and answers go on');
    leave(100 * MIB);
    await until(roomy);
    expect(await send()).toBe('sent');
  }, 300_000);

  it('gives the reserve back where something else has filled it, so that withdrawals go on', async () => {
    leave(300 * MIB);
    const room = new Room({ data: server.data } as Config);
    await room.look(true);
    expect(statSync(join(server.data, 'reserve')).size).toBe(32 * MIB);
    leave(0);
    await until(() => Promise.resolve(!existsSync(join(server.data, 'reserve'))));
    expect(free()).toBeGreaterThan(16 * MIB);
    expect(await send()).toBe('storage_full');
    await until(
      () =>
        leaving[1]?.receipt.withdraw().then(
          () => true,
          () => false,
        ) ?? Promise.resolve(false),
    );
    expect(await storedOf({ urls: database.urls }, leaving[1]?.referral ?? '')).toMatchObject({
      handoffs: 0,
      wraps: 0,
    });
    leave(100 * MIB);
    await until(roomy);
  }, 300_000);
});

describe('what is refused with little room', () => {
  const tight = { isBehind: false, isTight: true };
  it('is what brings content, and neither a withdrawal nor any reading', () => {
    const posts = [
      '/v1/receipts/withdrawals',
      '/v1/referrals/:id/transitions',
      '/v1/token',
      '/v1/registry/entries',
      '/v1/erasures',
      '/v1/devices/:id/revocation',
    ];
    for (const route of posts) expect(refusalOf({ route, method: 'POST' }, tight)).toBeUndefined();
    expect(refusalOf({ route: '/v1/referrals', method: 'GET' }, tight)).toBeUndefined();
    expect(refusalOf({ route: '/v1/referrals', method: 'POST' }, tight)).toBe('storage_full');
  });
});
