import { toBase64url } from '../encoding/bytes.js';
import type { Message } from '../schemas/handoff.js';

export type Side = 'source' | 'target' | 'person';

/**
 * A message already read, by who wrote it and the hash of its sealed body: what the next one must name. One
 * that could not be opened has no side: it is nobody's, and the next one names it all the same.
 */
export interface ThreadEntry {
  readonly side: Side | null;
  readonly bodyHash: Uint8Array;
}

/**
 * What the next message of a side says of its place: its number there, and the sealed body before it, whoever
 * wrote that.
 */
export function nextIn(thread: readonly ThreadEntry[], side: Side): Pick<Message, 'number' | 'previous'> {
  const last = thread.at(-1);
  return {
    number: 1 + thread.filter((entry) => entry.side === side).length,
    previous: last ? toBase64url(last.bodyHash) : null,
  };
}
