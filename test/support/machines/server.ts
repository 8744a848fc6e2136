import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { givenServerProcess, type ServerProcess } from './process.js';

export interface TestServer extends ServerProcess {
  readonly origin: string;
  /** Whatever the server keeps as its founding token, or undefined. */
  foundingToken(): Promise<string | undefined>;
  close(): Promise<void>;
}

/** A server that nobody has founded yet, with a fresh database and data directory. */
export async function givenServer(): Promise<TestServer> {
  return withToken(await givenServerProcess(), 'stop');
}

/** Another process on the same database and data directory, as a replica would be. */
export async function givenReplica(server: TestServer): Promise<TestServer> {
  return withToken(await server.replica(), 'kill');
}

function withToken(server: ServerProcess, end: 'stop' | 'kill'): TestServer {
  const foundingToken = (): Promise<string | undefined> => readToken(server.data);
  return { ...server, origin: server.address, foundingToken, close: server[end] };
}

async function readToken(data: string): Promise<string | undefined> {
  return readFile(join(data, 'founding-token'), 'utf8').then(
    (token) => token.trim(),
    () => undefined,
  );
}
