import { pause } from './patience.js';
import { Problem, Unreachable, problemOf } from './problem.js';
import { makeProof, type ProofKey, type ProofOf } from './proof.js';

export type Fetch = typeof globalThis.fetch;

export interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  /** Made anew for each attempt: what it signs is good once. */
  readonly form?: () => Promise<Readonly<Record<string, string>>>;
  /** Makes a POST safe to repeat. Whoever keeps the request keeps the key with it. */
  readonly idempotencyKey?: string;
  readonly proof?: { readonly key: ProofKey; readonly accessToken?: string };
}

const ATTEMPTS = 5;
const TIMEOUT_MS = 30_000;
/** Answers after which the very same request may be sent again. */
const PASSING = new Set([429, 502, 503, 504]);
/**
 * How often a request is made again for the server's nonce alone: at one process, once; behind a balancer,
 * until its turn comes.
 */
const NONCE_ATTEMPTS = 24;

/**
 * Speaks HTTP with one server: proofs with the server's nonce, patient and safe retries, problems as
 * exceptions.
 * @example
 * const transport = new Transport('https://relais.example');
 */
export class Transport {
  private nonce: string | undefined;

  constructor(
    readonly issuer: string,
    private readonly fetch: Fetch = globalThis.fetch.bind(globalThis),
  ) {}

  /** The JSON of a good answer. */
  async json<T>(call: Call): Promise<T> {
    return (await (await this.send(call)).json()) as T;
  }

  /** The bytes of a public file; `undefined` where there is none. */
  async bytes(path: string): Promise<Uint8Array | undefined> {
    try {
      const response = await this.send({ method: 'GET', path });
      return new Uint8Array(await response.arrayBuffer());
    } catch (error) {
      if (error instanceof Problem && error.status === 404) return undefined;
      throw error;
    }
  }

  /**
   * The answer, when it is a good one. A network fault or a passing refusal is tried again where that is
   * safe.
   */
  async send(call: Call): Promise<Response> {
    const repeatable = call.method === 'GET' || call.idempotencyKey !== undefined;
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.attempt(call);
      if (outcome instanceof Response && outcome.ok) return outcome;
      if (!this.isWorthRepeating(outcome, repeatable) || attempt === ATTEMPTS) return giveUp(outcome);
      await pauseAsAsked(outcome, attempt);
    }
  }

  /**
   * One request, and again where all that it lacked was a nonce of the process that it came to. It stays with
   * the first nonce offered: where each attempt comes to another process, following them would be one process
   * late for ever.
   */
  private async attempt(call: Call): Promise<Response | Unreachable> {
    let { nonce } = this;
    let outcome = await this.once(call, nonce);
    for (let made = 1; made <= NONCE_ATTEMPTS && wantsOther(outcome, nonce); made++) {
      if (made === 1) nonce = nonceOf(outcome);
      outcome = await this.once(call, nonce);
    }
    return outcome;
  }

  private async once(call: Call, nonce: string | undefined): Promise<Response | Unreachable> {
    const url = new URL(call.path, this.issuer);
    const plainUrl = url.href;
    for (const [name, value] of Object.entries(call.query ?? {}))
      if (value !== undefined) url.searchParams.set(name, value);
    try {
      const response = await this.fetch(url, await this.request(call, plainUrl, nonce));
      this.nonce = nonceOf(response) ?? this.nonce;
      return response;
    } catch {
      return new Unreachable('the server could not be reached');
    }
  }

  private async request(call: Call, url: string, nonce: string | undefined): Promise<RequestInit> {
    const headers = new Headers({ accept: 'application/json' });
    if (call.idempotencyKey !== undefined) headers.set('idempotency-key', call.idempotencyKey);
    if (call.proof) await addProof(headers, call.proof, { method: call.method, url, nonce });
    if (call.body !== undefined) headers.set('content-type', 'application/json');
    const body = call.form ? new URLSearchParams(await call.form()) : JSON.stringify(call.body);
    return {
      method: call.method,
      headers,
      ...(call.method === 'GET' ? {} : { body }),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    };
  }

  private isWorthRepeating(outcome: Response | Unreachable, repeatable: boolean): boolean {
    if (!repeatable) return false;
    if (!(outcome instanceof Response)) return true;
    return PASSING.has(outcome.status) || (outcome.status === 409 && outcome.headers.has('retry-after'));
  }
}

function nonceOf(outcome: Response | Unreachable): string | undefined {
  return outcome instanceof Response ? (outcome.headers.get('dpop-nonce') ?? undefined) : undefined;
}

/** Refused by a process that would have another nonce than the one that was shown. */
function wantsOther(outcome: Response | Unreachable, shown: string | undefined): boolean {
  const wanted = nonceOf(outcome);
  const isRefused = outcome instanceof Response && (outcome.status === 401 || outcome.status === 400);
  return isRefused && wanted !== undefined && wanted !== shown;
}

async function addProof(
  headers: Headers,
  { key, accessToken }: NonNullable<Call['proof']>,
  request: Pick<ProofOf, 'method' | 'url' | 'nonce'>,
): Promise<void> {
  headers.set('dpop', await makeProof(key, { ...request, accessToken }));
  if (accessToken !== undefined) headers.set('authorization', `DPoP ${accessToken}`);
}

async function giveUp(outcome: Response | Unreachable): Promise<never> {
  throw outcome instanceof Response ? await problemOf(outcome) : outcome;
}

/**
 * Waits as long as the server asks (at most 20 s, so that four times outlast a minute's limit), else a little
 * longer each time.
 */
async function pauseAsAsked(outcome: Response | Unreachable, attempt: number): Promise<void> {
  const asked = outcome instanceof Response ? Number(outcome.headers.get('retry-after') ?? NaN) : NaN;
  const seconds = Number.isFinite(asked) ? Math.min(asked, 20) : 0.2 * 2 ** attempt;
  await pause(seconds * 1000);
}
