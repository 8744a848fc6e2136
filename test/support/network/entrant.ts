import {
  makeAssertion,
  makeProof,
  proofKeyFromSeed,
  type ProofKey,
} from '../../../src/client/device/proof.js';
import { fromBase64url } from '../../../src/protocol/encoding/bytes.js';
import type { DeviceState } from '../../../src/client/index.js';

const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

export interface RawAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly nonce: string;
  /** What `WWW-Authenticate` says. */
  readonly challenge: string;
}

/** A device at the door, request by request: nothing is repeated, renewed or mended for it. */
export class Entrant {
  private constructor(
    readonly address: string,
    readonly device: string,
    readonly key: ProofKey,
    readonly nonce: string,
  ) {}

  static async of(state: DeviceState): Promise<Entrant> {
    const key = await proofKeyFromSeed(fromBase64url(state.auth));
    return Entrant.at(state.network.issuer, state.device, key);
  }

  /** Before any token endpoint: the nonce is what it answers to a request that is good but for the nonce. */
  static async at(address: string, device: string, key: ProofKey): Promise<Entrant> {
    return new Entrant(address, device, key, '').before(address);
  }

  /** The same, with a nonce of the process that listens there under the same issuer. */
  async before(process: string): Promise<Entrant> {
    const first = await makeProof(this.key, { method: 'POST', url: `${this.address}/v1/token` });
    const { nonce } = await this.post(await this.assertion(), first, process);
    return new Entrant(this.address, this.device, this.key, nonce);
  }

  /** Asks the token endpoint with any assertion and any proof. */
  async post(assertion: string, proof: string | undefined, address = this.address): Promise<RawAnswer> {
    const form = {
      grant_type: 'client_credentials',
      client_id: this.device,
      client_assertion_type: ASSERTION,
      client_assertion: assertion,
    };
    const headers: Record<string, string> = proof === undefined ? {} : { dpop: proof };
    return answerOf(
      await fetch(`${address}/v1/token`, { method: 'POST', headers, body: new URLSearchParams(form) }),
    );
  }

  async get(path: string, headers: Record<string, string>, address = this.address): Promise<RawAnswer> {
    return answerOf(await fetch(`${address}${path}`, { headers }));
  }

  async assertion(key: ProofKey = this.key): Promise<string> {
    return makeAssertion(key, this.device, this.address);
  }

  /** A good proof for the token endpoint. */
  async tokenProof(key: ProofKey = this.key): Promise<string> {
    return makeProof(key, { method: 'POST', url: `${this.address}/v1/token`, nonce: this.nonce });
  }

  async token(): Promise<string> {
    const { status, body } = await this.post(await this.assertion(), await this.tokenProof());
    if (status !== 200) throw new Error(`no token (${status})`);
    return String(body['access_token']);
  }

  /** A proof for a request with a token, good but for what `over` says. */
  async proof(accessToken: string, over: Partial<Parameters<typeof makeProof>[1]> = {}): Promise<string> {
    const url = `${this.address}/v1/services`;
    return makeProof(this.key, { method: 'GET', url, nonce: this.nonce, accessToken, ...over });
  }
}

async function answerOf(response: Response): Promise<RawAnswer> {
  const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  const [nonce, challenge] = ['dpop-nonce', 'www-authenticate'].map(
    (name) => response.headers.get(name) ?? '',
  );
  return { status: response.status, body, nonce: nonce ?? '', challenge: challenge ?? '' };
}
