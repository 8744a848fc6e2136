import { describe, expect, it } from '@jest/globals';
import { settleEach } from '../../src/client/device/each.js';
import { Problem, Unreachable } from '../../src/client/device/problem.js';
import { Refused } from '../../src/protocol/encoding/errors.js';

describe('a list that others have made', () => {
  const wrong = new Map<number, Error>([
    [1, new Refused('kid')],
    [3, new Problem('statement_invalid', 422)],
    [4, new Problem('overloaded', 503)],
  ]);

  it('is worked through to its end, and tells of each item that was refused', async () => {
    const { done, refused } = await settleEach([0, 1, 2, 3, 4, 5], (item) => {
      const error = wrong.get(item);
      if (error) throw error;
      return Promise.resolve(item);
    });
    expect(done).toEqual([0, 2, 5]);
    expect(refused).toEqual([
      { item: 1, check: 'kid' },
      { item: 3, check: 'statement_invalid' },
      { item: 4, check: 'overloaded' },
    ]);
  });

  it.each([
    ['the server cannot be reached', new Unreachable('no answer')],
    ['the device is let in no more', new Problem('unauthorised', 401)],
    ['a limit is reached', new Problem('rate_limited', 429)],
    ['the program has a fault', new TypeError('a fault of ours')],
  ])('is left where %s, as that says nothing of an item', async (_, error) => {
    const tried: number[] = [];
    const act = (item: number): void => {
      tried.push(item);
      throw error;
    };
    await expect(settleEach([1, 2, 3], act)).rejects.toBe(error);
    expect(tried).toEqual([1]);
  });

  it('is left where the server answers with nothing but faults', async () => {
    const tried: number[] = [];
    const act = (item: number): void => {
      tried.push(item);
      throw new Problem('overloaded', 503);
    };
    await expect(settleEach([1, 2, 3, 4, 5], act)).rejects.toMatchObject({ status: 503 });
    expect(tried).toEqual([1, 2, 3]);
  });
});
