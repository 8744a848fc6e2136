import { describe, expect, it } from '@jest/globals';
import { isDue, padsToPublish, type PublicationState } from '../../src/server/log/publication.js';

const quiet: PublicationState = {
  unpublished: 0n,
  registrySize: 7n,
  anchoredSize: 7n,
  secondsSince: 1e6,
  delaySeconds: 100,
  jitter: 0.5,
};

describe('a publication', () => {
  it('does not happen when there is nothing new', () => {
    expect(isDue(quiet)).toBe(false);
  });

  it('happens for a statement, and for a change of the registry', () => {
    expect(isDue({ ...quiet, unpublished: 1n })).toBe(true);
    expect(isDue({ ...quiet, registrySize: 8n })).toBe(true);
  });

  it('waits for the delay, a fifth more or less', () => {
    const due = (secondsSince: number, jitter: number) =>
      isDue({ ...quiet, unpublished: 1n, secondsSince, jitter });
    expect([due(79, 0), due(81, 0)]).toEqual([false, true]);
    expect([due(119, 1), due(121, 1)]).toEqual([false, true]);
  });

  it('ends, with its anchor, on a multiple of 64', () => {
    for (let size = 0n; size < 200n; size++) {
      const pads = padsToPublish(size);
      expect((size + BigInt(pads) + 1n) % 64n).toBe(0n);
      expect(pads).toBeLessThan(64);
    }
  });
});
