import { describe, expect, it } from '@jest/globals';
import { every, everyInTurn } from '../../src/server/common/every.js';

describe.each([
  ['at once', every],
  ['in turn', everyInTurn],
])('what a job does %s', (_, run) => {
  it('is done to the end though one thing fails, and the job is told of it', async () => {
    const done: string[] = [];
    const act = (name: string, isGood = true) => {
      return () => (isGood ? Promise.resolve(void done.push(name)) : Promise.reject(new Error(name)));
    };
    await expect(run([act('a'), act('b', false), act('c'), act('d', false), act('e')])).rejects.toThrow('b');
    expect(done).toEqual(['a', 'c', 'e']);
    await expect(run([act('f')])).resolves.toBeUndefined();
  });
});
