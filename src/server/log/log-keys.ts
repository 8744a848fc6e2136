import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fromBase64url, randomBytes, toBase64url } from '../../protocol/encoding/bytes.js';
import { signingKey, type SigningKey } from '../../protocol/crypto/keys.js';
import { createFile, readIfThere } from './files.js';

/** Where the seeds of a log lie: one file each, readable by the server's user only. */
function seedPath(dataDirectory: string, origin: string, use: 'key' | 'pads'): string {
  return join(dataDirectory, 'keys', `${origin.replaceAll('/', '-')}.${use}`);
}

/**
 * The seed of a log that is being made. A file left by a start that crashed before the log's row was
 * committed is taken over: nothing was signed with it.
 */
export async function makeSeed(
  dataDirectory: string,
  origin: string,
  use: 'key' | 'pads',
): Promise<Uint8Array> {
  const there = await readSeed(dataDirectory, origin, use);
  if (there) return there;
  const seed = randomBytes(32);
  await createFile(seedPath(dataDirectory, origin, use), `${toBase64url(seed)}\n`);
  return seed;
}

/** The seed of a log, or undefined if this machine does not hold it. Refuses a file that others may read. */
export async function readSeed(
  dataDirectory: string,
  origin: string,
  use: 'key' | 'pads',
): Promise<Uint8Array | undefined> {
  const path = seedPath(dataDirectory, origin, use);
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  if (((await stat(path)).mode & 0o077) !== 0) throw new Error(`${path} can be read by others: chmod 600 it`);
  const seed = fromBase64url(text.trim());
  if (seed.length !== 32) throw new Error(`${path} does not hold a 32-byte seed`);
  return seed;
}

/** A log's signing key, or undefined if this machine does not hold it. */
export async function readLogKey(dataDirectory: string, origin: string): Promise<SigningKey | undefined> {
  const seed = await readSeed(dataDirectory, origin, 'key');
  return seed && signingKey(seed);
}
