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

/** Of whatever is wrong with what somebody wrote, that a newer version is needed is told; the rest is one and the same. */
export function refuseAs(check: string, error: unknown): never {
  return refuse(error instanceof Refused && error.check === 'upgrade' ? error.check : check);
}

export function refuse(check: string, pointer?: string): never {
  throw new Refused(check, pointer);
}
