import type { EventPage } from '../../protocol/referral/event-types.js';
import type { Device } from '../device/device.js';
import { pause } from '../device/patience.js';
import { Problem, Unreachable } from '../device/problem.js';

export type { EventPage, EventType, ReferralEvent } from '../../protocol/referral/event-types.js';

/** From where on events are read, and how long an answer may wait for one. */
export interface EventsOptions {
  /** `next` of the last page that was dealt with; without it the first page says to list anew. */
  readonly after?: string | undefined;
  /**
   * Seconds that the server may hold each answer until something happens, 25 at most; 0 ends when all has
   * been read.
   */
  readonly wait?: number;
}

const WAIT_S = 25;
/** Against a server that answers at once without anything to say. */
const PAUSE_MS = 1_000;
/** While the server cannot be reached, beyond what the transport tries by itself. */
const AGAIN_MS = 10_000;

/**
 * What happens to a service's referrals, page by page, for as long as one asks. Keep `next` after each page,
 * where it outlives the app: whatever has happened since then comes again, at least once. A page that is
 * `anew` says that events may be missing before it: read the lists. A server that is away for a while is
 * waited for.
 * @throws Problem not_found where the device does not work for the service, input_invalid for a cursor of
 * another
 * @example
 * for await (const { items, anew, next } of events(device, service)) {
 *   if (anew) show(await listReferrals(device, 'inbox'));
 *   for (const { type, referral } of items) show(type, referral);
 *   await save(next);
 * }
 */
export async function* events(
  device: Device,
  service: string,
  { after, wait = WAIT_S }: EventsOptions = {},
): AsyncGenerator<EventPage, void> {
  let place = after;
  for (;;) {
    const asked = Date.now();
    const page = await patiently(() => eventPage(device, service, { after: place, wait }));
    place = page.next;
    yield page;
    const isQuiet = page.items.length === 0 && !page.anew;
    if (isQuiet && wait === 0) return;
    if (isQuiet && Date.now() - asked < PAUSE_MS) await pause(PAUSE_MS);
  }
}

/**
 * One page, for whoever asks when it suits them; the server's refusals and its absence are theirs to deal
 * with.
 * @throws Problem `not_found` where the device does not work for the service, `input_invalid` for a cursor
 * of another
 * @example
 * const { items, next } = await eventPage(device, service, { wait: 0 });
 */
export async function eventPage(
  device: Device,
  service: string,
  { after, wait = 0 }: EventsOptions = {},
): Promise<EventPage> {
  const query = { service, after, wait: String(wait) };
  return device.session.json({ method: 'GET', path: '/v1/events', query });
}

async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof Unreachable || (error instanceof Problem && isPassing(error)))) throw error;
      await pause(AGAIN_MS);
    }
  }
}

function isPassing({ status }: Problem): boolean {
  return status === 429 || status >= 500;
}
