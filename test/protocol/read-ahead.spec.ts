import { describe, expect, it } from '@jest/globals';
import { AT_ONCE, ReadAhead } from '../../src/protocol/audit/read-ahead.js';

describe('files that are read ahead', () => {
  const paths = Array.from({ length: 100 }, (_, i) => `file ${i}`);

  it('are each read once, in whatever order they arrive, and no more of them at a time than agreed', async () => {
    const asked: string[] = [];
    let [running, most] = [0, 0];
    const ahead = new ReadAhead(async (path) => {
      asked.push(path);
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, path.length % 3));
      running--;
      return new TextEncoder().encode(path);
    });
    const read: string[] = [];
    for (const [i, path] of paths.entries()) {
      ahead.begin(paths.slice(i));
      read.push(new TextDecoder().decode(await ahead.read(path)));
    }
    expect(read).toEqual(paths);
    expect(asked).toEqual(paths);
    expect(most).toBe(AT_ONCE);
  });

  it('that cannot be read are told to whoever reads them, and to nobody else', async () => {
    const ahead = new ReadAhead((path) =>
      path === 'file 1' ? Promise.reject(new Error(path)) : Promise.resolve(undefined),
    );
    ahead.begin(paths);
    expect(await ahead.read('file 0')).toBeUndefined();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await expect(ahead.read('file 1')).rejects.toThrow('file 1');
    await expect(ahead.read('file 1')).rejects.toThrow('file 1');
  });
});
