import { describe, expect, it } from '@jest/globals';
import { emptyRegistry, followRegistry, type Registry } from '../../src/protocol/registry/registry.js';
import { formatVkey } from '../../src/protocol/log/note.js';
import { closedTree, requireOwnKey } from '../../src/protocol/registry/registry-logs.js';
import { policy } from '../support/log/log-vectors.js';
import { refusal } from '../support/network/registry.js';
import { readVectors } from '../support/log/vectors.js';

interface Placed {
  readonly jws: string;
  readonly index: number;
}
interface YearVectors {
  readonly next: Record<'consent' | 'registry', { readonly vkey: string }>;
  readonly announcement: Placed;
  readonly opening: Placed;
  readonly refused: readonly {
    readonly name: string;
    readonly after: 'registry' | 'closed' | 'opened';
    readonly check: string;
    readonly jws: string;
  }[];
}

const vectors = readVectors('years.json') as YearVectors;
const founded = readVectors('registry.json') as {
  readonly trust: { network: string; roots: string[] };
  readonly entries: readonly { jws: string }[];
};
const registry = followRegistry(
  emptyRegistry(founded.trust),
  founded.entries.map(({ jws }) => jws),
);
const closed = followRegistry(registry, [vectors.announcement.jws]);
const opened = followRegistry(closed, [vectors.opening.jws]);

describe('the change of year of the vectors', () => {
  it('is named by the old log’s own key, and tied on by the new one', () => {
    const [year] = opened.years;
    expect([year?.consent, year?.registry].map((key) => key && formatVkey(key))).toEqual([
      vectors.next.consent.vkey,
      vectors.next.registry.vkey,
    ]);
    expect(year?.first).toBe(vectors.opening.index);
    const own = policy.logs.find(({ name }) => name.endsWith('/registry/2026'));
    if (!own) throw new Error('the policy names no registry');
    expect(() => requireOwnKey(opened, own)).not.toThrow();
    expect(closedTree(opened, own.name)?.size).toBe(BigInt(vectors.opening.index));
  });

  const before: Record<string, Registry> = { registry, closed, opened };
  it.each(vectors.refused)('refuses: $name', ({ after, check, jws }) => {
    expect(refusal(before[after] ?? registry, jws)).toBe(check);
  });
});
