/**
 * Does all of it at once, each by itself: what fails stops no other, and is thrown when the others are done,
 * so that the job tells of it.
 */
export async function every(acts: readonly (() => Promise<void>)[]): Promise<void> {
  throwFirst(await Promise.allSettled(acts.map((act) => act())));
}

/** The same one after the other, in their order. */
export async function everyInTurn(acts: readonly (() => Promise<void>)[]): Promise<void> {
  const outcomes: PromiseSettledResult<void>[] = [];
  for (const act of acts) outcomes.push(...(await Promise.allSettled([act()])));
  throwFirst(outcomes);
}

function throwFirst(outcomes: readonly PromiseSettledResult<void>[]): void {
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
}
