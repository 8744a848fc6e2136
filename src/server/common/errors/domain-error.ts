/** The closed list of problem codes (protocol.md). Codes are API: clients switch on them. */
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

/** A refusal that a client is told about. It carries a code and nothing that anybody sent. */
export class DomainError extends Error {
  override readonly name = 'DomainError';

  constructor(readonly code: ErrorCode) {
    super(code);
  }
}

/** Why a token or a proof is not taken (RFC 6750, section 3.1; RFC 9449, section 7.1); nothing where none was shown. */
export class Unauthorised extends DomainError {
  constructor(readonly error?: 'invalid_token' | 'invalid_dpop_proof' | 'use_dpop_nonce') {
    super('unauthorised');
  }
}
