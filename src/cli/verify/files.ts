import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { readEmbeddedCase } from '../../protocol/audit/embedded-case.js';
import type { CaseFiles, LogDirectory } from '../../protocol/audit/input.js';

/** A copy of the public logs on the disk. */
export function logDirectory(root: string): LogDirectory {
  return {
    read: (path) => readIfThere(join(root, path)),
    list: async () => {
      const found = await readdir(root, { recursive: true, withFileTypes: true });
      return found
        .filter((entry) => !entry.isDirectory())
        .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
        .sort();
    },
  };
}

/**
 * The case files of a directory, and the copies of persons that carry one; by number where their names are
 * numbers.
 */
export async function caseFiles(root: string): Promise<CaseFiles> {
  const names = (await readdir(root)).filter((name) => /\.(json|html)$/.test(name));
  const order = new Intl.Collator('en', { numeric: true });
  return { names: names.sort(order.compare), read: (name) => readCase(join(root, name)) };
}

/** A document without a case in it is a case file that says nothing: malformed, as the audit then finds. */
async function readCase(path: string): Promise<Uint8Array | undefined> {
  const bytes = await readIfThere(path);
  if (!bytes || !path.endsWith('.html')) return bytes;
  return readEmbeddedCase(new TextDecoder().decode(bytes)) ?? new Uint8Array(0);
}

export async function isDirectory(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() ?? false;
}

/**
 * Undefined for what is not there, and for what this machine does not let us read: no answer can rest on
 * either.
 */
export async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    // a plain array: `slice` of a Buffer would not copy
    return new Uint8Array(await readFile(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    return undefined;
  }
}
