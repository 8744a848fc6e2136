import type { DeviceState } from '../../../src/client/index.js';
import { fromBase64url, newId } from '../../../src/protocol/encoding/bytes.js';
import { signingKey, type SigningKey } from '../../../src/protocol/crypto/keys.js';
import { makeAssertion, makeProof, proofKey, type ProofKey } from '../../../src/client/device/proof.js';
import type { TestDevice } from '../network/founders.js';

export interface Answer {
  readonly status: number;
  /** Last part of the problem's type, where it is one. */
  readonly code: string | undefined;
  readonly body: Record<string, unknown>;
}

/** An answer to the byte. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface RawRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** As it stands, whatever it is; JSON unless the headers say something else. */
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
}

const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/**
 * Calls the API as somebody: a device by token and proof, a code by a bare proof, or anybody. It never tries
 * again, so a test sees each answer as it is; only a nonce that has run out is replaced.
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

  static async of({ network, device, auth }: DeviceState): Promise<Caller> {
    return Caller.device(network.issuer, { id: device, auth: signingKey(fromBase64url(auth)) });
  }

  /** The same, with the same token, at another process. */
  at(origin: string): Caller {
    const there = new Caller(origin, this.key, this.device);
    there.token = this.token;
    return there;
  }

  async get(path: string): Promise<Answer> {
    return readAnswer(await this.send({ method: 'GET', path }));
  }

  /** With a fresh Idempotency-Key unless one is given; `null` leaves it out. */
  async post(path: string, body: unknown, idempotencyKey: string | null = newId()): Promise<Answer> {
    const headers = idempotencyKey === null ? {} : { 'idempotency-key': idempotencyKey };
    return readAnswer(await this.send({ method: 'POST', path, body: JSON.stringify(body), headers }));
  }

  /** Asks the token endpoint anew; answers its status. */
  async authenticate(): Promise<number> {
    if (!this.key || this.device === undefined) throw new Error('only a device has a token');
    this.token = undefined;
    const { status, body } = readAnswer(await this.prove(() => this.tokenRequest()));
    this.token = body['access_token'] as string | undefined;
    return status;
  }

  /** Sends a request as it stands, by `fetch`. */
  async send(request: RawRequest): Promise<RawAnswer> {
    if (this.device !== undefined && this.token === undefined) await this.authenticate();
    return this.prove(() => request);
  }

  /**
   * What identifies this caller: headers for one request, good once. Needs a nonce, so something was sent
   * before.
   */
  async credentials(method: string, path: string): Promise<Record<string, string>> {
    if (!this.key) return {};
    const url = this.origin + (path.split('?')[0] ?? '');
    const dpop = await makeProof(this.key, { method, url, nonce: this.nonce, accessToken: this.token });
    return { dpop, ...(this.token !== undefined && { authorization: `DPoP ${this.token}` }) };
  }

  private async prove(make: () => RawRequest | Promise<RawRequest>): Promise<RawAnswer> {
    const known = this.nonce;
    const answer = await this.once(await make());
    const lacked = (answer.status === 400 || answer.status === 401) && this.nonce !== known;
    return this.key && lacked ? this.once(await make()) : answer;
  }

  private async once({ method, path, body, headers }: RawRequest): Promise<RawAnswer> {
    const response = await fetch(this.origin + path, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
        ...(await this.credentials(method, path)),
      },
      ...(body !== undefined && { body }),
    });
    this.nonce = response.headers.get('dpop-nonce') ?? this.nonce;
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  private async tokenRequest(): Promise<RawRequest> {
    const { key, device, origin } = this;
    if (!key || device === undefined) throw new Error('only a device has a token');
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: device,
      client_assertion_type: ASSERTION,
      client_assertion: await makeAssertion(key, device, origin),
    });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return { method: 'POST', path: '/v1/token', body: form.toString(), headers };
  }
}

function readAnswer({ status, text }: RawAnswer): Answer {
  const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  const { type } = body;
  return { status, code: typeof type === 'string' ? type.split('/').at(-1) : undefined, body };
}
