import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ForeignDevice } from './foreign.js';

const SERVER = fileURLToPath(new URL('oracle-server.js', import.meta.url));

export interface Oracle {
  readonly address: string;
  readonly stop: () => Promise<void>;
}

/**
 * node-oidc-provider as an authorisation server of which these devices are clients: what it refuses, we must.
 */
export async function givenOracle(devices: readonly ForeignDevice[]): Promise<Oracle> {
  const child = fork(SERVER, { execArgv: [], env: { PATH: process.env['PATH'] }, silent: true });
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  child.send(devices.map(clientOf));
  const ended = once(child, 'exit');
  const told = once(child, 'message').then(([address]) => address as string);
  const failed = ended.then(() => Promise.reject(new Error(`the oracle ended: ${complaint}`)));
  const stop = async (): Promise<void> => {
    child.kill();
    await failed.catch(() => undefined);
  };
  return { address: await Promise.race([told, failed]), stop };
}

function clientOf({ id, key }: ForeignDevice): object {
  return {
    client_id: id,
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    token_endpoint_auth_method: 'private_key_jwt',
    dpop_bound_access_tokens: true,
    jwks: { keys: [key.publicJwk] },
  };
}
