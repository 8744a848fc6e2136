import { Problem } from './problem.js';
import { makeAssertion, type ProofKey } from './proof.js';
import type { Call, Transport } from './transport.js';

const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/**
 * A device's standing with the server: fetches a token when it needs one, and a new one when the old has run
 * out.
 */
export class Session {
  private token: string | undefined;

  constructor(
    private readonly transport: Transport,
    private readonly client: string,
    private readonly key: ProofKey,
  ) {}

  async json<T>(call: Omit<Call, 'proof' | 'form'>): Promise<T> {
    return (await (await this.send(call)).json()) as T;
  }

  async send(call: Omit<Call, 'proof' | 'form'>): Promise<Response> {
    const used = this.token ?? (await this.renew());
    try {
      return await this.transport.send({ ...call, proof: { key: this.key, accessToken: used } });
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401) throw error;
      return this.transport.send({ ...call, proof: { key: this.key, accessToken: await this.renew() } });
    }
  }

  private async renew(): Promise<string> {
    const answer = await this.transport.json<{ access_token: string }>({
      method: 'POST',
      path: '/v1/token',
      form: () => this.form(),
      proof: { key: this.key },
    });
    return (this.token = answer.access_token);
  }

  private async form(): Promise<Record<string, string>> {
    const { issuer } = this.transport;
    return {
      grant_type: 'client_credentials',
      client_id: this.client,
      client_assertion_type: ASSERTION,
      client_assertion: await makeAssertion(this.key, this.client, issuer),
    };
  }
}
