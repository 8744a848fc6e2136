import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { copyPublicLog, Transport } from '../../client/index.js';
import type { TrustFile } from '../../protocol/schemas/trust.js';

/** Whether the argument names a server rather than a directory. */
export function isAddress(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text);
}

/** A copy made before holds the checkpoints that a fork would show by: it is never written over. */
export async function isFree(directory: string): Promise<boolean> {
  return (await readdir(directory).catch(() => [])).length === 0;
}

/**
 * Copies the logs that the auditor trusts. Which they are, and so where each file goes, the server has no say
 * in.
 */
export async function savePublicLog(address: string, trust: TrustFile, directory: string): Promise<void> {
  const transport = new Transport(new URL(address).origin);
  await copyPublicLog(transport, trust, async (path, bytes) => {
    const file = join(directory, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
  });
}
