import { readLeaf } from '../log/leaves.js';
import type { LogReading } from './read-log.js';
import type { RegistryEntries } from './registry-log.js';
import type { Findings } from './report.js';

/** Where a leaf is in the consent logs of all years. */
export interface Position {
  readonly year: number;
  readonly index: bigint;
}

export function isBefore(a: Position, b: Position): boolean {
  return a.year === b.year ? a.index < b.index : a.year < b.year;
}

/** The anchors of the consent logs: which registry was in force around a leaf. */
export class Anchors {
  private readonly known: { readonly at: Position; readonly size: number }[] = [];

  constructor(
    private readonly findings: Findings,
    private readonly registry: RegistryEntries,
  ) {}

  /**
   * Judges one leaf: 33 bytes of a known kind, and for an anchor a root that the registry had, never going
   * back.
   */
  see({ directory }: LogReading, entry: Uint8Array, at: Position): void {
    const place = `${directory} leaf ${at.index}`;
    const leaf = this.findings.attempt('leaves', place, () => readLeaf(entry));
    this.findings.counts.leaves++;
    if (at.index === 0n)
      this.findings.demand('anchors', leaf?.anchor !== undefined, place, 'no-first-anchor');
    if (leaf?.anchor && this.registry.isComplete) this.anchor(place, at, leaf.anchor);
  }

  private anchor(place: string, at: Position, root: Uint8Array): void {
    this.findings.counts.anchors++;
    const size = this.registry.sizeAt(root);
    if (size === undefined) {
      this.findings.demand('anchors', false, place, 'unknown-root');
      return;
    }
    const isForward = size >= (this.known.at(-1)?.size ?? 0);
    if (this.findings.expect('anchors', isForward, place, 'goes-back')) this.known.push({ at, size });
  }

  /** The registry's size at the last anchor of a year; 0 before the first. */
  lastOf(year: number): number {
    return this.known.findLast(({ at }) => at.year === year)?.size ?? 0;
  }

  /** Registry sizes of the last anchor before a leaf and of the first one after it. */
  around(at: Position): { readonly before: number | undefined; readonly after: number | undefined } {
    let [low, high] = [0, this.known.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const anchor = this.known[middle];
      if (anchor && isBefore(anchor.at, at)) low = middle + 1;
      else high = middle;
    }
    return { before: this.known[low - 1]?.size, after: this.known[low]?.size };
  }
}
