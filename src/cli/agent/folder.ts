import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const NEW = '.new';

/**
 * A folder of JSON files that nobody but its user may read: 0700, its files 0600. A file is there as it was written, or as
 * it was before, after whatever crash; and what `write` has returned from, no crash takes away.
 */
export class Folder {
  private constructor(readonly path: string) {}

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
    for (const name of readdirSync(path)) if (name.endsWith(NEW)) rmSync(join(path, name));
    return new Folder(path);
  }

  /** A folder in this folder. */
  inner(name: string): Folder {
    return Folder.open(join(this.path, name));
  }

  file(name: string): string {
    return join(this.path, name);
  }

  names(): string[] {
    return readdirSync(this.path).filter((name) => !name.endsWith(NEW));
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

  /** What a parser says of a damaged file would quote it, and these hold keys: nobody is told more than its name. */
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
    const draft = this.file(`${name}${NEW}`);
    const file = openSync(draft, 'w', 0o600);
    try {
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, this.file(name));
    this.settle();
  }

  remove(name: string): void {
    rmSync(this.file(name), { force: true });
    this.settle();
  }

  /** A name that was made or taken away lasts once the folder itself is on the disk. */
  private settle(): void {
    const folder = openSync(this.path, 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  }
}
