import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { arrange, randomPads, type PendingLeaf } from '../../src/server/log/batch.js';

const leaf = new Uint8Array(33).fill(1);

function pendingOf(tag: string | null, number: number): PendingLeaf {
  return { id: `${tag ?? 'none'}/${number}`, tag, number, leaf };
}

const anyPending = fc
  .uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c', null), fc.nat(20)), {
    selector: String,
    maxLength: 40,
  })
  .map((rows) => rows.map(([tag, number]) => pendingOf(tag, number)));

describe('a batch', () => {
  it('holds every statement once and the pads asked for', () => {
    fc.assert(
      fc.property(anyPending, fc.nat(5), (pending, pads) => {
        const slots = arrange(pending, pads);
        expect(slots.filter((slot) => slot === null)).toHaveLength(pads);
        expect(slots.flatMap((slot) => slot?.id ?? []).sort()).toEqual(pending.map((row) => row.id).sort());
      }),
    );
  });

  it('keeps the statements of one consent in their order', () => {
    fc.assert(
      fc.property(anyPending, fc.nat(5), (pending, pads) => {
        for (const tag of ['a', 'b', 'c']) {
          const numbers = arrange(pending, pads).flatMap((slot) => (slot?.tag === tag ? slot.number : []));
          expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
        }
      }),
    );
  });

  it('puts a statement anywhere', () => {
    const pending = Array.from({ length: 8 }, (_, i) => pendingOf(`consent ${i}`, 0));
    const seen = new Set(Array.from({ length: 500 }, () => arrange(pending, 2).indexOf(pending[0] ?? null)));
    expect(seen.size).toBe(10);
  });

  it('is dulled by none to three pads', () => {
    expect(new Set(Array.from({ length: 500 }, () => randomPads()))).toEqual(new Set([0, 1, 2, 3]));
  });
});
