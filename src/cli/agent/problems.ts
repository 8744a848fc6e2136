import { Problem, Refused, Unreachable, type ProblemError } from '../../client/index.js';

/** What the agent itself says no with. What the server refuses is passed on under the server's own code. */
const ANSWERS = {
  input_invalid: { status: 400, title: 'The request is not in the form that this route takes.' },
  unauthorised: { status: 401, title: 'The token of the agent’s token file is needed.' },
  not_found: { status: 404, title: 'There is nothing here.' },
  too_large: { status: 413, title: 'The request is too large.' },
  not_joined: { status: 409, title: 'This agent has not joined a network yet.' },
  already_joined: { status: 409, title: 'This agent has joined a network already.' },
  invitation_unknown: { status: 404, title: 'No invitation with this code waits, or its time is past.' },
  already_sent: { status: 409, title: 'This draft has been sent: it can be recalled, not deleted.' },
  refused: { status: 422, title: 'This is not consented to, not allowed, or does not hold.' },
  not_opened: { status: 422, title: 'This handoff does not hold: nothing of it is shown.' },
  device_refused: { status: 502, title: 'The server does not take this device (any more).' },
  unreachable: { status: 503, title: 'The server could not be reached. Send the same request again.' },
  fault: { status: 500, title: 'The agent has a fault.' },
} as const;
export type AgentCode = keyof typeof ANSWERS;

/** A refusal of the agent's own; like every one of them it carries a code and nothing that anybody sent. */
export class AgentProblem extends Error {
  override readonly name = 'AgentProblem';

  constructor(
    readonly code: AgentCode,
    readonly errors: readonly ProblemError[] = [],
  ) {
    super(code);
  }
}

/**
 * RFC 9457. `check` names the first thing that did not hold, in the words of the protocol's vectors; `errors`
 * where in the request something is wrong; `instance` the request that the server has refused, by its id
 * there.
 */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly check?: string;
  readonly errors?: readonly ProblemError[];
  readonly instance?: string;
}

export function problemOf(error: unknown): ProblemDocument {
  if (error instanceof AgentProblem) return { ...document(error.code), ...placesOf(error.errors) };
  if (error instanceof Refused)
    return { ...document('refused'), check: error.check, ...placesOf(refusedIn(error)) };
  if (error instanceof Unreachable) return document('unreachable');
  if (error instanceof Problem) return ofServer(error);
  return document(codeOfFramework(error));
}

function placesOf(errors: readonly ProblemError[]): Pick<ProblemDocument, 'errors'> {
  return errors.length > 0 ? { errors } : {};
}

/** The member that a writer has to change, which was refused before anything was sealed. */
function refusedIn({ pointer }: Refused): ProblemError[] {
  return pointer === undefined ? [] : [{ pointer, detail: 'It does not hold.' }];
}

/** The code alone, as `GET /status` shows what went wrong last. */
export function codeOf(error: unknown): string {
  return problemOf(error).type.slice('/problems/'.length);
}

function document(code: AgentCode): ProblemDocument {
  return { type: `/problems/${code}`, ...ANSWERS[code], status: ANSWERS[code].status };
}

/** 401 would mean the agent's token here; a fault of the server is none of the caller's. */
function ofServer({ code, status, instance }: Problem): ProblemDocument {
  const of = instance !== undefined && /^urn:uuid:[0-9a-f-]{36}$/.test(instance) ? { instance } : {};
  if (status === 401 || !/^[a-z_]{1,40}$/.test(code))
    return { ...document(status === 401 ? 'device_refused' : 'unreachable'), ...of };
  return {
    ...of,
    type: `/problems/${code}`,
    title: 'The server has refused this.',
    status: status < 500 ? status : 503,
  };
}

/** The framework's own errors carry the status that they mean; anything else is a fault. */
function codeOfFramework(error: unknown): AgentCode {
  const { statusCode } = (error ?? {}) as { statusCode?: unknown };
  if (statusCode === 404) return 'not_found';
  if (statusCode === 413) return 'too_large';
  return typeof statusCode === 'number' && statusCode < 500 ? 'input_invalid' : 'fault';
}
