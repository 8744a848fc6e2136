import { describe, expect, it } from '@jest/globals';
import { padLeaf, padOpening, readLeaf } from '../../src/protocol/log/leaves.js';
import type { PendingLeaf } from '../../src/server/log/batch.js';
import { composeBatch, mayAnchor, type Batch } from '../../src/server/log/compose.js';
import type { Head, Heads } from '../../src/server/log/heads.js';

const material = {
  name: 'relais-0cfd8555-26aa-f701-46f4-edd6da9853a9/consent',
  seed: new Uint8Array(32).fill(7),
};
const blank: Omit<Head, 'kind' | 'size'> = {
  log: 1,
  year: 2026,
  origin: '',
  first: 0n,
  root: new Uint8Array(32).fill(9),
  servedSize: null,
  publishedSize: null,
  secondsSince: 0,
  jitter: 0.5,
  revokedSize: null,
  anchoredSize: 3n,
  unpublished: 0n,
};

function headsOf(consent: Partial<Head>, registry: Partial<Head> = {}): Pick<Heads, 'consent' | 'registry'> {
  return {
    consent: { ...blank, kind: 'consent', size: 10n, ...consent },
    registry: { ...blank, kind: 'registry', size: 5n, ...registry },
  };
}

function pendingOf(count: number): PendingLeaf[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `${i}`,
    tag: null,
    number: 0,
    leaf: new Uint8Array(33).fill(1),
  }));
}

function anchorsOf({ leaves }: Batch): number[] {
  return leaves.flatMap((leaf, i) => (readLeaf(leaf).anchor ? [i] : []));
}

describe('a batch of the consent log', () => {
  it('is empty when there is nothing to say', () => {
    const batch = composeBatch(
      { heads: headsOf({}), pending: [], isDrained: true, isPublishing: false },
      material,
    );
    expect(batch).toEqual({ leaves: [], positions: [], anchoredSize: 3n, news: 0n });
  });

  it('opens the log with an anchor', () => {
    const heads = headsOf({ size: 0n, anchoredSize: null });
    const batch = composeBatch({ heads, pending: [], isDrained: true, isPublishing: false }, material);
    expect([anchorsOf(batch), batch.anchoredSize, batch.leaves.length]).toEqual([[0], 5n, 1]);
  });

  it('knows the place of every statement, and fills the others with provable pads', () => {
    const batch = composeBatch(
      { heads: headsOf({}), pending: pendingOf(50), isDrained: true, isPublishing: true },
      material,
    );
    const places = new Set(batch.positions.map(({ index }) => index));
    expect([batch.positions.length, places.size, batch.leaves.length]).toEqual([50, 50, 54]);
    expect(anchorsOf(batch)).toEqual([53]);
    batch.leaves.slice(0, -1).forEach((leaf, i) => {
      const index = 10n + BigInt(i);
      if (!places.has(index)) expect(leaf).toEqual(padLeaf(material.name, padOpening(material.seed, index)));
    });
    expect(batch.news).toBe(51n);
  });

  it('ends with an anchor at once when the registry has a new revocation', () => {
    const heads = headsOf({}, { revokedSize: 5n });
    const batch = composeBatch(
      { heads, pending: pendingOf(2), isDrained: true, isPublishing: false },
      material,
    );
    expect([anchorsOf(batch), batch.anchoredSize]).toEqual([[batch.leaves.length - 1], 5n]);
    expect(
      composeBatch({ heads, pending: [], isDrained: true, isPublishing: true }, material).leaves,
    ).toHaveLength(54);
  });

  it('does not anchor a revocation while older statements wait', () => {
    const heads = headsOf({}, { revokedSize: 5n });
    const batch = composeBatch(
      { heads, pending: pendingOf(2), isDrained: false, isPublishing: false },
      material,
    );
    expect(anchorsOf(batch)).toEqual([]);
    expect([mayAnchor(heads, false), mayAnchor(heads, true), mayAnchor(headsOf({}), false)]).toEqual([
      false,
      true,
      true,
    ]);
    expect(mayAnchor(headsOf({ anchoredSize: 5n }, { revokedSize: 5n }), false)).toBe(true);
  });
});
