/**
 * Thrown by every function of the protocol that refuses bytes. `check` names the first check that failed, in
 * the words of the vectors; it is for tests and for our own code: an opener shows one error for all
 * (docs/protocol/handoff.md, *Opening*). `pointer` (RFC 6901) names the member that a writer has to change,
 * never its value.
 * @example
 * await openReferral(device, referral).catch((error: unknown) => {
 *   if (error instanceof Refused) show(error.check, error.pointer);
 * });
 */
export class Refused extends Error {
  override readonly name = 'Refused';
  /** Private, so that no log that prints an error prints what somebody sent. */
  readonly #text: string | undefined;

  constructor(
    readonly check: string,
    /** The member of the payload or record that is meant, as a JSON pointer, where it is one. */
    readonly pointer?: string,
    text?: string,
  ) {
    super(`refused: ${check}`);
    this.#text = text;
  }

  /**
   * Whether it is this signed text that was refused.
   * @internal
   */
  isOf(text: string): boolean {
    return this.#text === text;
  }

  /**
   * The same refusal, of this text unless it was of one within.
   * @internal
   */
  of(text: string): Refused {
    return this.#text === undefined ? new Refused(this.check, this.pointer, text) : this;
  }
}

/**
 * Of whatever is wrong with what somebody wrote, that a newer version is needed is told; the rest is one and
 * the same.
 */
export function refuseAs(check: string, error: unknown): never {
  return refuse(error instanceof Refused && error.check === 'upgrade' ? error.check : check);
}

export function refuse(check: string, pointer?: string): never {
  throw new Refused(check, pointer);
}

/** Runs a check of one signed text: what it refuses, it refuses of that text. */
export function checkText<T>(text: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw error instanceof Refused ? error.of(text) : error;
  }
}

/**
 * A plain name or an index. A member that no format has may be named by anything, which no answer repeats.
 */
const PLAIN = /^([a-z][A-Za-z0-9]{0,31}|[0-9]{1,6})$/;

/** The JSON pointer (RFC 6901) of a place, up to the first part that is no plain name. */
export function pointerOf(path: readonly (string | number)[]): string {
  const end = path.findIndex((part) => !PLAIN.test(String(part)));
  return (end < 0 ? path : path.slice(0, end)).map((part) => `/${part}`).join('');
}
