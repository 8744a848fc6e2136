/**
 * The closed list of problem codes (docs/protocol/http.md, *Errors*). Codes are API: clients switch on them.
 */
export type ErrorCode =
  | 'input_invalid'
  | 'not_found'
  | 'unauthorised'
  | 'wrong_state'
  | 'chain_moved'
  | 'consent_mismatch'
  | 'consent_inactive'
  | 'consent_used'
  | 'key_not_current'
  | 'statement_invalid'
  | 'service_closed'
  | 'no_place'
  | 'quota_reached'
  | 'agreement_required'
  | 'reason_required'
  | 'second_device_required'
  | 'idempotency_missing'
  | 'idempotency_conflict'
  | 'in_progress'
  | 'too_large'
  | 'rate_limited'
  | 'overloaded'
  | 'restore_needed'
  | 'damaged'
  | 'storage_full';

/** What is wrong with a place, in words that repeat nothing of it. */
export const DETAILS = {
  missing: 'It is missing.',
  unknown: 'There is no such member or parameter here.',
  form: 'It has not the form that it has here.',
  holds: 'It does not hold.',
} as const;
export type Detail = keyof typeof DETAILS;

/**
 * The place of what is wrong: a member of the body by JSON pointer (RFC 6901), a parameter or a header by its
 * name.
 */
export type Place = (
  | { readonly pointer: string; readonly inside?: string | undefined }
  | { readonly parameter: string }
  | { readonly header: string }
  /** A member of the body by the text that it holds, which is looked for there and told to nobody. */
  | { readonly isText: (text: string) => boolean; readonly inside?: string | undefined }
) & { readonly detail?: Detail };

/**
 * A refusal that a client is told about. It carries a code, the places that are meant, and nothing that
 * anybody sent.
 */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly places: readonly Place[];

  constructor(
    readonly code: ErrorCode,
    ...places: readonly Place[]
  ) {
    super(code);
    this.places = places;
  }
}

/**
 * Why a token or a proof is not taken (RFC 6750, section 3.1; RFC 9449, section 7.1); nothing where none was
 * shown.
 */
export class Unauthorised extends DomainError {
  constructor(readonly error?: 'invalid_token' | 'invalid_dpop_proof' | 'use_dpop_nonce') {
    super('unauthorised');
  }
}

/**
 * A signed text of the request that does not hold, by the member of its payload that is meant, if it is one.
 */
export function statementInvalid(text: string, inside?: string): DomainError {
  return new DomainError('statement_invalid', { isText: (other) => other === text, inside });
}
