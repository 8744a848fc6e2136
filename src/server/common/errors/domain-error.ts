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
  | 'overloaded';

/** A refusal that a client is told about. It carries a code and nothing that anybody sent. */
export class DomainError extends Error {
  override readonly name = 'DomainError';

  constructor(readonly code: ErrorCode) {
    super(code);
  }
}
