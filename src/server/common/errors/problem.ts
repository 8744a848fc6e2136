import type { ErrorCode } from './domain-error.js';
import type { PlacedError } from './places.js';

interface Answer {
  readonly status: number;
  readonly title: string;
  /** Seconds after which the same request may be sent again. */
  readonly retryAfter?: number;
}

/** Every code has a status and a sentence: a code without one does not compile. */
const ANSWERS = {
  input_invalid: { status: 400, title: 'The request is not in the form that this route takes.' },
  not_found: { status: 404, title: 'There is nothing here for you.' },
  unauthorised: { status: 401, title: 'A valid token and proof of the device’s key are needed.' },
  wrong_state: { status: 409, title: 'This act is not possible in the present state.' },
  chain_moved: { status: 409, title: 'The consent has moved on: fetch its statements and sign again.' },
  consent_mismatch: { status: 422, title: 'The consent is not for exactly this.' },
  consent_inactive: { status: 409, title: 'The consent was withdrawn, has ended, or has not begun.' },
  consent_used: { status: 409, title: 'This consent has been used.' },
  key_not_current: { status: 409, title: 'The registry does not show this key as current.' },
  statement_invalid: { status: 422, title: 'A signed statement does not hold.' },
  service_closed: { status: 409, title: 'The service takes no referrals at present.' },
  no_place: { status: 409, title: 'The service has no place free, as far as is known.' },
  quota_reached: {
    status: 409,
    title: 'Your organisation has as many of these as the charter allows at once.',
  },
  agreement_required: {
    status: 403,
    title: 'The charter asks for an agreement between the two organisations.',
  },
  reason_required: { status: 422, title: 'This act needs a code from the closed list.' },
  second_device_required: { status: 403, title: 'A second device has to confirm this.' },
  idempotency_missing: { status: 400, title: 'This request needs an Idempotency-Key.' },
  idempotency_conflict: { status: 422, title: 'This Idempotency-Key was used for another request.' },
  in_progress: { status: 409, title: 'The same request is being worked on.', retryAfter: 1 },
  too_large: { status: 413, title: 'The request is too large.' },
  rate_limited: { status: 429, title: 'Too many requests.', retryAfter: 60 },
  overloaded: { status: 503, title: 'The server cannot answer at present.', retryAfter: 2 },
  restore_needed: {
    status: 503,
    title:
      'The database is older than what this server has signed: whoever runs it restores it openly (relais restore in-place).',
  },
  damaged: {
    status: 500,
    title: 'What is stored here is damaged and cannot be read; asking again does not help.',
  },
  storage_full: {
    status: 507,
    title: 'The server has little room left and takes nothing new; withdrawals and answers go on.',
  },
} as const satisfies Record<ErrorCode, Answer>;

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly instance: string;
  readonly errors?: readonly PlacedError[];
}

/**
 * The problem document of a code (RFC 9457); `type` is relative to the server, `instance` the request by its
 * id.
 */
export function problemOf(code: ErrorCode, request: string, errors: readonly PlacedError[] = []): Problem {
  const { status, title } = titleOf(code);
  const problem = { type: `/problems/${code}`, title, status, instance: `urn:uuid:${request}` };
  return errors.length === 0 ? problem : { ...problem, errors };
}

/** Status and English sentence of a code. */
export function titleOf(code: ErrorCode): { status: number; title: string } {
  const { status, title } = ANSWERS[code];
  return { status, title };
}

export function retryAfterOf(code: ErrorCode): number | undefined {
  const answer: Answer = ANSWERS[code];
  return answer.retryAfter;
}

export const ERROR_CODES = Object.keys(ANSWERS) as ErrorCode[];
