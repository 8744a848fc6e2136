import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { hold } from '../database/index.js';
import { DRAFT, settleFolder, writeDurably } from './files.js';

/**
 * A folder of JSON files that nobody but its user may read: 0700, its files 0600. A file is there as it was
 * written, or as it was before, after whatever crash; and what `write` has returned from, no crash takes
 * away.
 */
export class Folder {
  private constructor(readonly path: string) {}

  /**
   * Works in a folder that no other process works in meanwhile; refuses one that is in use, and touches
   * nothing of it.
   */
  static async hold<T>(path: string, work: (folder: Folder) => Promise<T>): Promise<T> {
    const folder = Folder.open(resolve(path));
    const letGo = hold(folder.path);
    try {
      return await work(folder.sweep());
    } finally {
      letGo();
    }
  }

  /** Refuses a folder into which others could have put something. */
  static open(path: string): Folder {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const { mode, uid } = statSync(path);
    const isOwn = process.getuid === undefined || process.getuid() === uid;
    if (!isOwn || (mode & 0o022) !== 0)
      throw new Error(
        `${path} belongs to, or can be changed by, somebody else. Choose another folder (--state).`,
      );
    chmodSync(path, 0o700);
    return new Folder(path);
  }

  /** A folder in this folder. */
  inner(name: string): Folder {
    return Folder.open(join(this.path, name)).sweep();
  }

  /** Takes away what a killed process was writing; only whoever holds the folder may. */
  private sweep(): this {
    for (const name of readdirSync(this.path)) if (name.endsWith(DRAFT)) rmSync(join(this.path, name));
    return this;
  }

  file(name: string): string {
    return join(this.path, name);
  }

  names(): string[] {
    return readdirSync(this.path).filter((name) => !name.endsWith(DRAFT));
  }

  read(name: string): string | undefined {
    const bytes = this.readBytes(name);
    return bytes && new TextDecoder().decode(bytes);
  }

  readBytes(name: string): Uint8Array<ArrayBuffer> | undefined {
    try {
      return Uint8Array.from(readFileSync(this.file(name)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /**
   * What a parser says of a damaged file would quote it, and these hold keys: nobody is told more than its
   * name.
   */
  readJson(name: string): unknown {
    const text = this.read(name);
    try {
      return text === undefined ? undefined : JSON.parse(text);
    } catch {
      throw new Error(
        `${this.file(name)} is damaged. Put back a copy of it, or join anew in another folder.`,
      );
    }
  }

  write(name: string, content: string | Uint8Array): void {
    writeDurably(this.file(name), content, 0o600);
  }

  remove(name: string): void {
    rmSync(this.file(name), { force: true });
    settleFolder(this.path);
  }
}
