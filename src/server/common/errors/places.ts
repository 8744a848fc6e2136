import type { Refused } from '../../../protocol/encoding/errors.js';
import { DETAILS, type Place } from './domain-error.js';

/** An item of a problem's `errors`: where something is wrong, and never what stands there. */
export interface PlacedError {
  /** JSON pointer into the body. */
  readonly pointer?: string;
  /** JSON pointer into what the member holds, where that is a signed object (its payload) or JSON as text. */
  readonly inside?: string | undefined;
  readonly parameter?: string;
  readonly header?: string;
  readonly detail: string;
}

/** More places than anybody mends at once. */
const MOST = 20;

/** The places as the client finds them in its own request. */
export function placedErrors(places: readonly Place[], body: unknown): PlacedError[] {
  return places.slice(0, MOST).map(({ detail = 'holds', ...place }) => {
    if (!('isText' in place)) return { ...place, detail: DETAILS[detail] };
    const { isText, inside } = place;
    return {
      pointer: find(body, isText) ?? '',
      ...(inside !== undefined && { inside }),
      detail: DETAILS[detail],
    };
  });
}

/**
 * Where in a body a text is that its reader has refused. The names on the way are those of the route: others
 * were refused before.
 */
function find(value: unknown, isText: (text: string) => boolean): string | undefined {
  if (typeof value === 'string') return isText(value) ? '' : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, member] of Object.entries(value)) {
    const within = find(member, isText);
    if (within !== undefined) return `/${name}${within}`;
  }
  return undefined;
}

/** The place of what the protocol refuses. */
export function placeOf(refused: Refused): Place {
  return { isText: (text) => refused.isOf(text), inside: refused.pointer };
}
