/** How long and how often everything is measured. */
export interface Plan {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUp: number;
  /** Rows of the large database that row 5 compares with 10⁴. */
  readonly large: number;
  /** Leaves that are sequenced at once. */
  readonly leaves: number;
  /** Requests a second that are made before the clock starts: more than any machine here answers. */
  readonly plenty: number;
}

export function planOf(args: readonly string[]): Plan {
  const large = args.includes('--10m') ? 10_000_000 : 1_000_000;
  const whole = { leaves: 100_000, plenty: 2500 };
  if (args.includes('--second'))
    return { rounds: 1, seconds: 1, warmUp: 1, large: 20_000, leaves: 10_000, plenty: 500 };
  if (args.includes('--quick')) return { rounds: 3, seconds: 3, warmUp: 1, large: 100_000, ...whole };
  return { rounds: 7, seconds: 10, warmUp: 2, large, ...whole };
}

/** One figure of the table: a ratio, taken inside each round. */
export interface Figure {
  readonly row: string;
  readonly what: string;
  readonly ratios: readonly number[];
  readonly goal: { readonly is: '≥' | '≤'; readonly value: number };
  /** Absolute figures of the last round, for whoever wants to know. */
  readonly note: string;
}

/**
 * Measures the targets of one row, round by round, in an order that rotates, and answers what `ratiosOf`
 * makes of each round: what runs first or last in a round is not always the same.
 */
export async function measure<M, R>(
  plan: Plan,
  targets: Readonly<Record<string, () => Promise<M>>>,
  ratiosOf: (measured: Readonly<Record<string, M>>) => R,
): Promise<R[]> {
  const names = Object.keys(targets);
  const rounds: R[] = [];
  for (let round = 0; round < plan.rounds; round++) {
    const measured: Record<string, M> = {};
    for (let i = 0; i < names.length; i++) {
      const name = names[(i + round) % names.length] ?? '';
      const target = targets[name];
      if (target) measured[name] = await target();
    }
    rounds.push(ratiosOf(measured));
  }
  return rounds;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (
    ((sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN) +
      (sorted[Math.ceil((sorted.length - 1) / 2)] ?? NaN)) /
    2
  );
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}
