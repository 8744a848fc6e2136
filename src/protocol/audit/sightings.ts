import { isBefore, type Position } from './anchors.js';

/**
 * A tree that a witness has cosigned: on that day the log had been shown to it up to `end`, and no further.
 */
interface Sighting {
  readonly end: Position;
  /** UTC. */
  readonly day: string;
}

/**
 * What is known of when the consent log was how long: from the cosignatures of cases' proofs and of
 * checkpoints that were kept.
 */
export class Sightings {
  private readonly seen: Sighting[] = [];
  /** By rising end, each with the latest day until there. */
  private rising: readonly Sighting[] | undefined;

  /** `time` in seconds since 1970; undefined where no witness has seen it. */
  add(year: number, size: bigint, time: bigint | undefined): void {
    if (time === undefined) return;
    const day = new Date(Number(time) * 1000).toISOString().slice(0, 10);
    this.seen.push({ end: { year, index: size }, day });
    this.rising = undefined;
  }

  /** The UTC day on which a leaf was not in the log yet, the latest that is known. */
  dayBefore(at: Position): string | undefined {
    const rising = (this.rising ??= inOrder(this.seen));
    let [low, high] = [0, rising.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const one = rising[middle];
      if (one && isBefore(at, one.end)) high = middle;
      else low = middle + 1;
    }
    return rising[low - 1]?.day;
  }

  /** The latest UTC day that any cosignature names. */
  get lastDay(): string | undefined {
    return (this.rising ??= inOrder(this.seen)).at(-1)?.day;
  }
}

function inOrder(seen: readonly Sighting[]): Sighting[] {
  const sorted = [...seen].sort((a, b) => +isBefore(b.end, a.end) - +isBefore(a.end, b.end));
  let latest = '';
  return sorted.map(({ end, day }) => {
    latest = day > latest ? day : latest;
    return { end, day: latest };
  });
}
