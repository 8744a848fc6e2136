import { Problem, Unreachable, problemOf } from './problem.js';
import { makeProof, type ProofKey } from './proof.js';

export type Fetch = typeof globalThis.fetch;

export interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  /** Made anew for each attempt: what it signs may depend on the server's nonce and hour. */
  readonly form?: () => Promise<Readonly<Record<string, string>>>;
  /** Makes a POST safe to repeat. Whoever keeps the request keeps the key with it. */
  readonly idempotencyKey?: string;
  readonly proof?: { readonly key: ProofKey; readonly accessToken?: string };
}

const ATTEMPTS = 5;
const TIMEOUT_MS = 30_000;
/** Answers after which the very same request may be sent again. */
const PASSING = new Set([429, 502, 503, 504]);
/** By how much this device's clock may move against the server's before a proof is made again. */
const STEADY_MS = 30_000;

/** Speaks HTTP with one server: proofs with the server's nonce, patient and safe retries, problems as exceptions. */
export class Transport {
  private nonce: string | undefined;
  private aheadMs = 0;

  constructor(
    readonly issuer: string,
    private readonly fetch: Fetch = globalThis.fetch.bind(globalThis),
  ) {}

  async json<T>(call: Call): Promise<T> {
    return (await (await this.send(call)).json()) as T;
  }

  /** The server's hour as last seen, by its answers: a device whose clock is wrong proves nothing by its own. */
  serverTime(): Date {
    return new Date(Date.now() - this.aheadMs);
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

  /** The answer, when it is a good one. A network fault or a passing refusal is tried again where that is safe. */
  async send(call: Call): Promise<Response> {
    const repeatable = call.method === 'GET' || call.idempotencyKey !== undefined;
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.attempt(call);
      if (outcome instanceof Response && outcome.ok) return outcome;
      if (!this.isWorthRepeating(outcome, repeatable) || attempt === ATTEMPTS) return giveUp(outcome);
      await pause(outcome, attempt);
    }
  }

  /** One request, and a second one if all that the first lacked was the server's present nonce or hour. */
  private async attempt(call: Call): Promise<Response | Unreachable> {
    const { nonce, aheadMs } = this;
    const response = await this.once(call);
    if (!(response instanceof Response) || call.proof === undefined) return response;
    const hasLearned = this.nonce !== nonce || Math.abs(this.aheadMs - aheadMs) > STEADY_MS;
    const lacked = (response.status === 401 || response.status === 400) && hasLearned;
    return lacked ? this.once(call) : response;
  }

  private learn({ headers }: Response): void {
    const nonce = headers.get('dpop-nonce');
    if (nonce === null) return;
    this.nonce = nonce;
    const date = Date.parse(headers.get('date') ?? '');
    if (!Number.isNaN(date)) this.aheadMs = Date.now() - date;
  }

  private async once(call: Call): Promise<Response | Unreachable> {
    const url = new URL(call.path, this.issuer);
    const plainUrl = url.href;
    for (const [name, value] of Object.entries(call.query ?? {}))
      if (value !== undefined) url.searchParams.set(name, value);
    try {
      const response = await this.fetch(url, await this.request(call, plainUrl));
      this.learn(response);
      return response;
    } catch {
      return new Unreachable('the server could not be reached');
    }
  }

  private async request(call: Call, url: string): Promise<RequestInit> {
    const headers = new Headers({ accept: 'application/json' });
    if (call.idempotencyKey !== undefined) headers.set('idempotency-key', call.idempotencyKey);
    if (call.proof) await this.addProof(headers, call, url);
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

  private async addProof(headers: Headers, call: Call, url: string): Promise<void> {
    if (!call.proof) return;
    const { key, accessToken } = call.proof;
    const of = { method: call.method, url, nonce: this.nonce, accessToken, at: this.serverTime() };
    const proof = await makeProof(key, of);
    headers.set('dpop', proof);
    if (accessToken !== undefined) headers.set('authorization', `DPoP ${accessToken}`);
  }

  private isWorthRepeating(outcome: Response | Unreachable, repeatable: boolean): boolean {
    if (!repeatable) return false;
    if (!(outcome instanceof Response)) return true;
    return PASSING.has(outcome.status) || (outcome.status === 409 && outcome.headers.has('retry-after'));
  }
}

async function giveUp(outcome: Response | Unreachable): Promise<never> {
  throw outcome instanceof Response ? await problemOf(outcome) : outcome;
}

/** Waits as long as the server asks (at most 20 s, so that four times outlast a minute's limit), else a little longer each time. */
async function pause(outcome: Response | Unreachable, attempt: number): Promise<void> {
  const asked = outcome instanceof Response ? Number(outcome.headers.get('retry-after') ?? NaN) : NaN;
  const seconds = Number.isFinite(asked) ? Math.min(asked, 20) : 0.2 * 2 ** attempt;
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
