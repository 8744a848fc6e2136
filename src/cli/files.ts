import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export { readIfThere } from './verify/files.js';

/** The end of the name of a file that is being written. */
export const DRAFT = '.new';

/**
 * A file is there as it was written, or as it was before, after whatever crash; once this returns, no crash
 * takes it away.
 */
export function writeDurably(path: string, content: string | Uint8Array, mode = 0o644): void {
  const file = openSync(`${path}${DRAFT}`, 'w', mode);
  try {
    writeFileSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}${DRAFT}`, path);
  settleFolder(dirname(path));
}

/** A name that was made or taken away lasts once the folder itself is on the disk. */
export function settleFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
