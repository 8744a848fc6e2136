import type { Static } from 'typebox';
import type { ListOf } from './bodies.js';

export interface Page<T> {
  readonly items: readonly T[];
  /** What to ask with as `after` for the next page; absent on the last one. */
  readonly next?: string;
}

const MOST = 100;

/**
 * One page of a list that is at hand as a whole, in the order of `keyOf`: after the key of the last item that
 * was shown.
 */
export function pageOf<T>(
  items: readonly T[],
  { after = '', limit = String(MOST) }: Static<typeof ListOf>,
  keyOf: (item: T, place: number) => string,
): Page<T> {
  const keyed = items.map((item, place) => ({ item, key: keyOf(item, place) }));
  const left = keyed.filter(({ key }) => key > after).sort((a, b) => (a.key < b.key ? -1 : 1));
  const shown = left.slice(0, Number(limit));
  const last = shown.length < left.length ? shown.at(-1) : undefined;
  return { items: shown.map(({ item }) => item), ...(last && { next: last.key }) };
}

/** A number as a key: in its own order. */
export function keyOfNumber(number: number): string {
  return String(number).padStart(16, '0');
}
