import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Start of the name of a socket directory outside of the data directory. */
export const SOCKETS = 'relais-sockets-';
/** A socket's path is cut at 103 bytes (macOS) or 107; PostgreSQL adds its own file name. */
const MAX_SOCKET_DIRECTORY = 85;

/** In the data directory, or else in a private one at the first place whose name is short enough. */
export function socketDirectory(data: string): string {
  if (isShort(data)) return data;
  for (const place of [resolve(tmpdir()), '/tmp', '/var/tmp', '/dev/shm']) {
    const made = isShort(join(place, `${SOCKETS}XXXXXX`)) ? makeUnique(join(place, SOCKETS)) : undefined;
    if (made !== undefined) return made;
  }
  throw new Error(
    `${data} is longer than a socket's path may be, and there is no shorter place. Set RELAIS_DATA to a directory whose ` +
      `path has ${MAX_SOCKET_DIRECTORY - '/postgres'.length} bytes at most.`,
  );
}

function isShort(path: string): boolean {
  return Buffer.byteLength(path) <= MAX_SOCKET_DIRECTORY;
}

function makeUnique(prefix: string): string | undefined {
  try {
    return mkdtempSync(prefix);
  } catch {
    return undefined;
  }
}
