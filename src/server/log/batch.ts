import { randomInt } from 'node:crypto';

/** A statement's leaf as an act left it in the outbox. */
export interface PendingLeaf {
  readonly id: string;
  readonly tag: string | null;
  readonly number: number;
  readonly leaf: Uint8Array;
}

/** Below `bound`, uniformly. */
export type Random = (bound: number) => number;

const MOST_PADS = 3;

/** How many pads dull the size of a batch that holds statements. */
export function randomPads(random: Random = randomInt): number {
  return random(MOST_PADS + 1);
}

/**
 * The order in which a batch enters the log: statements and pads (null) shuffled, so that places tell nothing
 * of time or sender, but the statements of one consent in their own order.
 */
export function arrange(
  pending: readonly PendingLeaf[],
  pads: number,
  random: Random = randomInt,
): (PendingLeaf | null)[] {
  const slots: (PendingLeaf | null)[] = [...pending, ...Array<null>(pads).fill(null)];
  shuffle(slots, random);
  for (const places of placesByTag(slots)) restoreOrder(slots, places);
  return slots;
}

/** Fisher and Yates. */
function shuffle(items: (PendingLeaf | null)[], random: Random): void {
  for (let last = items.length - 1; last > 0; last--) {
    const other = random(last + 1);
    [items[last], items[other]] = [items[other] ?? null, items[last] ?? null];
  }
}

/** The places, ascending, of every consent that has more than one statement in the batch. */
function placesByTag(slots: readonly (PendingLeaf | null)[]): number[][] {
  const places = new Map<string, number[]>();
  slots.forEach((slot, place) => {
    if (slot?.tag == null) return;
    const known = places.get(slot.tag);
    if (known) known.push(place);
    else places.set(slot.tag, [place]);
  });
  return [...places.values()].filter((list) => list.length > 1);
}

function restoreOrder(slots: (PendingLeaf | null)[], places: readonly number[]): void {
  const ordered = places.flatMap((place) => slots[place] ?? []).sort((a, b) => a.number - b.number);
  places.forEach((place, i) => (slots[place] = ordered[i] ?? null));
}
