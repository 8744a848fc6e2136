import { addDays } from '../days.js';
import { isBefore, type Position } from './anchors.js';

/** A tree that a witness has cosigned: at that time the log had been shown to it up to `size`, and no further. */
interface Sighting {
  readonly end: Position;
  /** Seconds since 1970. */
  readonly time: bigint;
}

/** What is known of when the consent log was how long: from the cosignatures of cases' proofs and of checkpoints that were kept. */
export class Sightings {
  private readonly seen: Sighting[] = [];

  /** `time` in seconds since 1970; undefined where no witness has seen it. */
  add(year: number, size: bigint, time: bigint | undefined): void {
    if (time !== undefined) this.seen.push({ end: { year, index: size }, time });
  }

  /** The UTC day on which a leaf was not in the log yet, the latest that is known. */
  dayBefore(at: Position): string | undefined {
    return latest(this.seen.filter(({ end }) => !isBefore(at, end)));
  }

  /** The latest UTC day that any cosignature names. */
  get lastDay(): string | undefined {
    return latest(this.seen);
  }
}

function latest(sightings: readonly Sighting[]): string | undefined {
  const [first, ...more] = sightings.map(({ time }) => time);
  if (first === undefined) return undefined;
  const time = more.reduce((a, b) => (a > b ? a : b), first);
  return new Date(Number(time) * 1000).toISOString().slice(0, 10);
}

/** Between a statement and a tree that has it: two publications and a day for time zones. */
export function slackDays(delaySeconds: number): number {
  return 1 + Math.ceil((2 * delaySeconds) / 86_400);
}

/** Whether a statement says a day that was over for longer than may be when its leaf was not in the log yet. */
export function isBackDated(day: string, notYet: string, days: number): boolean {
  return addDays(day, days) < notYet;
}
