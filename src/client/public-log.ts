import { parseCheckpoint } from '../protocol/log/checkpoint.js';
import { publishedPaths } from '../protocol/log/tiles.js';
import { publicLogs } from './published.js';
import type { Transport } from './transport.js';

const decoder = new TextDecoder();

export type Write = (path: string, bytes: Uint8Array) => void | Promise<void>;

/**
 * Copies everything public, as any mirror would: of each log its checkpoint, policy, tiles and entries, and the text of
 * every charter. Nothing is judged here: that is `relais verify`.
 */
export async function copyPublicLog(transport: Transport, policy: string, write: Write): Promise<void> {
  for (const name of publicLogs(policy)) await copyLog(transport, name, write);
  await copyCharters(transport, write);
}

async function copyLog(transport: Transport, name: string, write: Write): Promise<void> {
  const copy = async (path: string): Promise<Uint8Array> => {
    const bytes = await transport.bytes(`/log/${name}/${path}`);
    if (!bytes) throw new Error(`the log has no ${name}/${path}`);
    await write(`${name}/${path}`, bytes);
    return bytes;
  };
  await copy('policy');
  const note = decoder.decode(await copy('checkpoint'));
  const { size } = parseCheckpoint(note.slice(0, note.indexOf('\n\n') + 1));
  for (const path of publishedPaths(size)) await copy(path);
}

async function copyCharters(transport: Transport, write: Write): Promise<void> {
  const { version } = await transport.json<{ version: number }>({ method: 'GET', path: '/v1/charter' });
  for (let n = 1; n <= version; n++) {
    const { text } = await transport.json<{ text: string }>({
      method: 'GET',
      path: `/v1/charter/versions/${n}`,
    });
    await write(`charter/${n}.json`, new TextEncoder().encode(text));
  }
}
