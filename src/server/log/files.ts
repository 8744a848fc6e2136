import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Content of a file, or undefined if there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Creates a file that nobody else may read, durably; a file that is already there is left as it is. */
export async function createFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeSynced(path, 'wx', text);
  await syncDirectory(dirname(path));
}

/**
 * Replaces a file so that a crash at any moment leaves the old content or the new one, whole, and so that the
 * new one is on the disk when this resolves.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const written = `${path}.${process.pid}.tmp`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeSynced(written, 'w', text);
  await rename(written, path);
  await syncDirectory(dirname(path));
}

async function writeSynced(path: string, flag: 'w' | 'wx', text: string): Promise<void> {
  const file = await open(path, flag, 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function isMissing(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
}
