/**
 * An answer of the server that says no: `code` is the last part of the problem's `type` (RFC 9457), stable and part of
 * the API; `status` is the HTTP status.
 */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    readonly code: string,
    readonly status: number,
  ) {
    super(`the server answered ${code} (${status})`);
  }
}

/** The server could not be reached, or not in time. Whatever was asked may or may not have happened: ask again. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

/** Reads the code of a problem document; an answer that is none (a proxy's page, say) is `overloaded`. */
export async function problemOf(response: Response): Promise<Problem> {
  const body = (await response.json().catch(() => ({}))) as { type?: unknown; error?: unknown };
  const type = typeof body.type === 'string' ? body.type : body.error;
  const code = typeof type === 'string' ? type.split('/').at(-1) : undefined;
  return new Problem(code ?? 'overloaded', response.status);
}
