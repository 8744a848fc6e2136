import { timingSafeEqual } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '#sha256';
import { randomBytes, toBase64url, utf8 } from '../../../protocol/encoding/bytes.js';

const FILE = 'founding-token';

/**
 * The one-time secret that lets its reader found the network: in a file of mode 0600 that only who runs the
 * machine can read, never in the database, the log or the environment.
 */
export class FoundingToken {
  readonly path: string;

  constructor(dataDirectory: string) {
    this.path = join(dataDirectory, FILE);
  }

  /** Makes the file if there is none; replicas that share the directory end with one. */
  async ensure(): Promise<void> {
    try {
      await writeFile(this.path, `${toBase64url(randomBytes(32))}\n`, { mode: 0o600, flag: 'wx' });
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw error;
    }
  }

  /** Compares in a time that tells nothing; false as well where there is no token. */
  async matches(given: string): Promise<boolean> {
    const token = await this.read();
    if (token === undefined || token === '') return false;
    return timingSafeEqual(sha256(utf8(token)), sha256(utf8(given)));
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }

  private async read(): Promise<string | undefined> {
    try {
      return (await readFile(this.path, 'utf8')).trim();
    } catch (error) {
      if (isCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
