import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fence, requireBehind } from '../../src/server/log/fence.js';
import { makeSeed, readLogKey, readSeed } from '../../src/server/log/log-keys.js';

const ORIGIN = 'relais-0cfd8555-26aa-f701-46f4-edd6da9853a9/consent/2026';
const root = (byte: number) => new Uint8Array(32).fill(byte);
const rootAt = (byte: number) => () => Promise.resolve(root(byte));

let directory: string;
beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'relais-fence-'))));
afterEach(async () => rm(directory, { recursive: true }));

describe('the fence', () => {
  it('remembers the last head and leaves no other file', async () => {
    const fence = new Fence(directory, ORIGIN);
    expect(await fence.read()).toBeUndefined();
    await fence.write({ size: 5n, root: root(5) });
    await fence.write({ size: 9n, root: root(9) });
    expect(await fence.read()).toEqual({ size: 9n, root: root(9) });
    expect(await readdir(join(directory, 'fence'))).toEqual([ORIGIN.replaceAll('/', '-')]);
  });

  it('is not read when it is damaged or of another log', async () => {
    const fence = new Fence(directory, ORIGIN);
    await fence.write({ size: 5n, root: root(5) });
    const path = join(directory, 'fence', ORIGIN.replaceAll('/', '-'));
    for (const text of [
      '',
      `${ORIGIN}\n5\n`,
      'other/log\n5\nBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU=\n',
    ]) {
      await writeFile(path, text);
      await expect(fence.read()).rejects.toThrow('damaged');
    }
  });

  it('lets pass what it has seen and what grew from it', async () => {
    const head = { size: 9n, root: root(9) };
    await requireBehind({ size: 9n, root: root(9) }, head, rootAt(0));
    await requireBehind({ size: 4n, root: root(4) }, head, rootAt(4));
    await requireBehind(undefined, { size: 0n, root: root(0) }, rootAt(0));
  });

  it('stops a database that is older, that split, or whose fence was lost', async () => {
    const head = { size: 9n, root: root(9) };
    await expect(requireBehind({ size: 10n, root: root(9) }, head, rootAt(0))).rejects.toThrow('older');
    await expect(requireBehind({ size: 9n, root: root(8) }, head, rootAt(9))).rejects.toThrow('another tree');
    await expect(requireBehind({ size: 4n, root: root(4) }, head, rootAt(5))).rejects.toThrow('another tree');
    await expect(requireBehind(undefined, head, rootAt(0))).rejects.toThrow('no fence');
  });
});

describe('the seeds of a log', () => {
  it('are made once and are for the owner only', async () => {
    const seed = await makeSeed(directory, ORIGIN, 'key');
    expect(await makeSeed(directory, ORIGIN, 'key')).toEqual(seed);
    expect(await makeSeed(directory, ORIGIN, 'pads')).not.toEqual(seed);
    const path = join(directory, 'keys', `${ORIGIN.replaceAll('/', '-')}.key`);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await readLogKey(directory, ORIGIN))?.seed).toEqual(seed);
  });

  it('are missing, not made, where the log is only read', async () => {
    expect(await readSeed(directory, ORIGIN, 'key')).toBeUndefined();
    expect(await readLogKey(directory, ORIGIN)).toBeUndefined();
  });

  it('are refused when others may read them or when they are not 32 bytes', async () => {
    await makeSeed(directory, ORIGIN, 'key');
    const path = join(directory, 'keys', `${ORIGIN.replaceAll('/', '-')}.key`);
    await writeFile(path, 'AAAA\n');
    await expect(readSeed(directory, ORIGIN, 'key')).rejects.toThrow('32-byte');
    await rm(path);
    await writeFile(path, 'AAAA\n', { mode: 0o644 });
    await expect(readSeed(directory, ORIGIN, 'key')).rejects.toThrow('chmod 600');
  });
});
