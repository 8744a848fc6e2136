/**
 * Thrown by every function of the protocol that refuses bytes. `check` names the first check that failed, in the words
 * of the vectors; it is for tests and for our own code: an opener shows one error for all (protocol.md, *Opening*).
 * `pointer` (RFC 6901) names the member that a writer has to change, never its value.
 */
export class Refused extends Error {
  override readonly name = 'Refused';

  constructor(
    readonly check: string,
    readonly pointer?: string,
  ) {
    super(pointer === undefined ? `refused: ${check}` : `refused: ${check} at ${pointer}`);
  }
}

export function refuse(check: string, pointer?: string): never {
  throw new Refused(check, pointer);
}
