import type { SigningKey } from '../../src/protocol/crypto/keys.js';
import { newId } from '../../src/protocol/bytes.js';
import { makeAssertion, makeProof, proofKey, type ProofKey } from '../../src/client/proof.js';
import type { TestDevice } from './founders.js';

export interface Answer {
  readonly status: number;
  /** Last part of the problem's type, where it is one. */
  readonly code: string | undefined;
  readonly body: Record<string, unknown>;
}

interface Request {
  readonly body?: unknown;
  readonly idempotencyKey?: string | null;
}

const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/**
 * Calls the API as somebody: a device by token and proof, a code by a bare proof, or anybody. It never tries again, so a
 * test sees each answer as it is.
 */
export class Caller {
  private nonce: string | undefined;
  private token: string | undefined;

  private constructor(
    private readonly origin: string,
    private readonly key: ProofKey | undefined,
    private readonly device: string | undefined,
  ) {}

  static anybody(origin: string): Caller {
    return new Caller(origin, undefined, undefined);
  }

  static async code(origin: string, key: SigningKey): Promise<Caller> {
    return new Caller(origin, await proofKey(key), undefined);
  }

  static async device(origin: string, device: Pick<TestDevice, 'id' | 'auth'>): Promise<Caller> {
    return new Caller(origin, await proofKey(device.auth), device.id);
  }

  get(path: string): Promise<Answer> {
    return this.call('GET', path, {});
  }

  /** With a fresh Idempotency-Key unless one is given; `null` leaves it out. */
  post(path: string, body: unknown, idempotencyKey: string | null = newId()): Promise<Answer> {
    return this.call('POST', path, { body, idempotencyKey });
  }

  /** Asks the token endpoint anew; answers its status. */
  async authenticate(): Promise<number> {
    const { status, body } = await this.tokenRequest();
    this.token = body['access_token'] as string | undefined;
    return status;
  }

  private async call(method: string, path: string, request: Request): Promise<Answer> {
    if (this.device !== undefined && this.token === undefined) await this.authenticate();
    const answer = await this.once(method, path, request);
    return this.key && answer.status === 401 && answer.nonceChanged
      ? this.once(method, path, request)
      : answer;
  }

  private async once(method: string, path: string, { body, idempotencyKey }: Request) {
    const headers = new Headers(body === undefined ? {} : { 'content-type': 'application/json' });
    if (idempotencyKey) headers.set('idempotency-key', idempotencyKey);
    if (this.token !== undefined) headers.set('authorization', `DPoP ${this.token}`);
    await this.prove(headers, method, path);
    return this.send(path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  private async tokenRequest(again = true): Promise<Answer> {
    if (!this.key || this.device === undefined) throw new Error('only a device has a token');
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: this.device,
      client_assertion_type: ASSERTION,
      client_assertion: await makeAssertion(this.key, this.device, this.origin),
    });
    const headers = new Headers();
    await this.prove(headers, 'POST', '/v1/token');
    const answer = await this.send('/v1/token', { method: 'POST', headers, body });
    return answer.status === 200 || !again || !answer.nonceChanged ? answer : this.tokenRequest(false);
  }

  private async prove(headers: Headers, method: string, path: string): Promise<void> {
    if (!this.key) return;
    const url = new URL(path, this.origin);
    url.search = '';
    const of = { method, url: url.href, nonce: this.nonce, accessToken: this.token };
    headers.set('dpop', await makeProof(this.key, of));
  }

  private async send(path: string, init: RequestInit): Promise<Answer & { nonceChanged: boolean }> {
    const response = await fetch(new URL(path, this.origin), init);
    const known = this.nonce;
    this.nonce = response.headers.get('dpop-nonce') ?? known;
    const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
    const { type } = body;
    const code = typeof type === 'string' ? type.split('/').at(-1) : undefined;
    return { status: response.status, code, body, nonceChanged: this.nonce !== known };
  }
}
