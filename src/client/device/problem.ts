/**
 * An answer of the server that says no: `code` is the last part of the problem's `type` (RFC 9457), stable
 * and part of the API; `status` is the HTTP status.
 * @example
 * try {
 *   await act(device, referral, { event: 'accept' });
 * } catch (error) {
 *   if (error instanceof Problem && error.code === 'wrong_state') show(await getReferral(device, referral));
 * }
 */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    readonly code: string,
    readonly status: number,
    /** Where something is wrong with what was sent. */
    readonly errors: readonly ProblemError[] = [],
    /** The request's id at the server (`urn:uuid:…`): whoever runs it finds what happened by it. */
    readonly instance?: string,
  ) {
    super(`the server answered ${code} (${status})`);
  }
}

/**
 * A place in a request: a member of its body by JSON pointer, within what that holds (`inside`), a parameter,
 * or a header.
 */
export interface ProblemError {
  readonly pointer?: string;
  readonly inside?: string;
  readonly parameter?: string;
  readonly header?: string;
  readonly detail?: string;
}

/**
 * The server could not be reached, or not in time. Whatever was asked may or may not have happened: ask
 * again.
 * @example
 * await listReferrals(device, 'inbox').catch((error: unknown) => {
 *   if (error instanceof Unreachable) show('no network: nothing is lost');
 * });
 */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

interface Document {
  readonly type?: unknown;
  readonly error?: unknown;
  readonly errors?: unknown;
  readonly instance?: unknown;
}

/** Reads the code of a problem document; an answer that is none (a proxy's page, say) is `overloaded`. */
export async function problemOf(response: Response): Promise<Problem> {
  const body = (await response.json().catch(() => ({}))) as Document;
  const type = typeof body.type === 'string' ? body.type : body.error;
  const code = typeof type === 'string' ? type.split('/').at(-1) : undefined;
  const errors = Array.isArray(body.errors) ? (body.errors as ProblemError[]) : [];
  const instance = typeof body.instance === 'string' ? body.instance : undefined;
  return new Problem(code ?? 'overloaded', response.status, errors, instance);
}
