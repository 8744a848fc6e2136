import { Refused } from '../../protocol/encoding/errors.js';
import { Problem } from './problem.js';

/**
 * What others have made and does not hold, and why: a check of the protocol, or the code of the server's
 * problem.
 */
export interface RefusedItem<T> {
  readonly item: T;
  readonly check: string;
}

/** What became of each item of a list. */
export interface Settled<T, R> {
  readonly done: readonly R[];
  readonly refused: readonly RefusedItem<T>[];
}

/** After so many faults of the server in a row the fault is not the items'. */
const MOST_FAULTS = 3;

/**
 * Does the same with each item of a list that others have made: whoever wrote one of them neither stops nor
 * hides another, and each that was refused is told. What is wrong with the server or with this very device
 * stops all, as it would for each.
 * @throws whatever says nothing of an item: `Unreachable`, Problem `unauthorised`, `rate_limited`, or the
 * third fault of the server in a row
 * @example
 * const referrals = await listReferrals(device, 'inbox');
 * const { done, refused } = await settleEach(referrals, ({ referral }) => openReferral(device, referral));
 * show(done, refused);
 */
export async function settleEach<T, R>(
  items: Iterable<T>,
  act: (item: T) => R | Promise<R>,
): Promise<Settled<T, R>> {
  const done: R[] = [];
  const refused: RefusedItem<T>[] = [];
  let faults = 0;
  for (const item of items) {
    try {
      done.push(await act(item));
      faults = 0;
    } catch (error) {
      faults = isFault(error) ? faults + 1 : 0;
      if (faults === MOST_FAULTS) throw error;
      refused.push({ item, check: checkOf(error) });
    }
  }
  return { done, refused };
}

/**
 * Why an item was refused. @throws whatever says nothing of the item: no answer, a device that is let in no
 * more, a limit
 */
export function checkOf(error: unknown): string {
  if (error instanceof Refused) return error.check;
  if (error instanceof Problem && error.status !== 401 && error.status !== 429) return error.code;
  throw error;
}

function isFault(error: unknown): boolean {
  return error instanceof Problem && error.status >= 500;
}
