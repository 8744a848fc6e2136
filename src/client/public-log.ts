import { equalBytes } from '../protocol/bytes.js';
import { publishedPaths } from '../protocol/log/tiles.js';
import { readCheckpoint } from '../protocol/log/witness.js';
import type { Transport } from './transport.js';

const decoder = new TextDecoder();
const MOST_TRIES = 5;

export type Write = (path: string, bytes: Uint8Array) => void | Promise<void>;

/**
 * Copies everything public, as any mirror would: of each log (`consent/2026`) its checkpoint, policy, tiles and entries, and
 * the text of every charter. Nothing is judged here: that is `relais verify`. The consent log comes first: what it is
 * anchored to is then in the registry.
 */
export async function copyPublicLog(
  transport: Transport,
  logs: readonly string[],
  write: Write,
): Promise<void> {
  for (const name of [...logs].sort()) await copyLog(transport, name, write);
  await copyCharters(transport, write);
}

async function copyLog(transport: Transport, name: string, write: Write): Promise<void> {
  const read = async (path: string): Promise<Uint8Array> => {
    const bytes = await transport.bytes(`/log/${name}/${path}`);
    if (!bytes) throw new Error(`the log has no ${name}/${path}`);
    return bytes;
  };
  const { checkpoint, policy } = await readHead(read);
  await write(`${name}/checkpoint`, checkpoint);
  await write(`${name}/policy`, policy);
  const { size } = readCheckpoint(decoder.decode(checkpoint));
  for (const path of publishedPaths(size)) await write(`${name}/${path}`, await read(path));
}

/** The policy changes when a witness is registered: both are read until they belong together. */
async function readHead(read: (path: string) => Promise<Uint8Array>) {
  for (let tries = 1; ; tries++) {
    const before = await read('checkpoint');
    const policy = await read('policy');
    const checkpoint = await read('checkpoint');
    if (tries === MOST_TRIES || equalBytes(before, checkpoint)) return { checkpoint, policy };
  }
}

/** The text of every charter version. */
export async function copyCharters(transport: Transport, write: Write): Promise<void> {
  const { version } = await transport.json<{ version: number }>({ method: 'GET', path: '/v1/charter' });
  for (let n = 1; n <= version; n++) {
    const { text } = await transport.json<{ text: string }>({
      method: 'GET',
      path: `/v1/charter/versions/${n}`,
    });
    await write(`charter/${n}.json`, new TextEncoder().encode(text));
  }
}
