import { parseCheckpoint } from '../protocol/log/checkpoint.js';
import { publishedPaths } from '../protocol/log/tiles.js';
import type { Transport } from './transport.js';

const text = new TextDecoder();

/**
 * Copies a published log as any mirror would: checkpoint, policy, every tile and entry bundle that its size implies.
 * `name` is `consent/2026` or `registry/2026`; paths are given to `write` relative to `/log/`.
 */
export async function copyLog(
  transport: Transport,
  name: string,
  write: (path: string, bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  const copy = async (path: string): Promise<Uint8Array> => {
    const bytes = await transport.bytes(`/log/${name}/${path}`);
    if (!bytes) throw new Error(`the log has no ${name}/${path}`);
    await write(`${name}/${path}`, bytes);
    return bytes;
  };
  await copy('policy');
  const checkpoint = await copy('checkpoint');
  const { size } = parseCheckpoint(text.decode(checkpoint).split('\n\n')[0] + '\n');
  for (const path of publishedPaths(size)) await copy(path);
}
