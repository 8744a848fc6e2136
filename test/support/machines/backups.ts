import { execFile, execFileSync, type ExecFileOptionsWithStringEncoding } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { DatabaseUrls } from '../../../src/database/index.js';
import { MOMENT } from './moment.js';

const MAIN = resolve('dist/src/cli/main.js');

/** Where a machine has its data, and its database. */
export interface Machine {
  readonly data: string;
  readonly urls: DatabaseUrls;
}

interface Given {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs `relais` on that machine, and answers what it has printed. */
export function relais(machine: Machine, args: readonly string[], given: Given = {}): string {
  return execFileSync(process.execPath, [MAIN, ...args], {
    input: given.input ?? '',
    stdio: ['pipe', 'pipe', 'pipe'],
    ...optionsOf(machine, given),
  });
}

/**
 * The same while this process goes on: it is the one that reads what its embedded database writes to stderr.
 */
export async function relaisBeside(machine: Machine, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...args], optionsOf(machine, {}));
  return stdout;
}

function optionsOf(
  { data, urls }: Machine,
  { env }: Given,
): ExecFileOptionsWithStringEncoding & { readonly encoding: 'utf8' } {
  return {
    encoding: 'utf8',
    // whoever waits for it without going on cannot run out of a test's own time
    timeout: 100_000,
    env: {
      PATH: process.env['PATH'],
      ...MOMENT,
      RELAIS_DATA: data,
      DATABASE_URL: urls.application,
      DATABASE_OWNER_URL: urls.owner,
      DATABASE_SEQUENCER_URL: urls.sequencer,
      LANG: 'en',
      ...env,
    },
  };
}

export interface TestBackup {
  readonly file: string;
  /** What opens it, as it was printed. */
  readonly key: string;
  readonly folder: string;
  /** An empty data directory. */
  readonly emptyPlace: () => string;
  readonly remove: () => void;
}

/** A machine's backup, taken by the command, with a new key. */
export function givenBackup(machine: Machine): TestBackup {
  const root = mkdtempSync(join(tmpdir(), 'relais-backup-'));
  const printed = relais(machine, ['backup', 'new-key']);
  const [key = ''] = /AGE-SECRET-KEY-PQ-1[A-Z0-9]+/.exec(printed) ?? [];
  const folder = join(root, 'backups');
  relais(machine, ['backup', folder]);
  const [name = ''] = readdirSync(folder);
  let places = 0;
  const emptyPlace = (): string => {
    const place = join(root, `place-${++places}`);
    mkdirSync(place, { mode: 0o700 });
    return place;
  };
  return {
    file: join(folder, name),
    key,
    folder,
    emptyPlace,
    remove: () => rmSync(root, { recursive: true }),
  };
}

/** A copy of a file that was changed in one byte. */
export function spoil(bytes: Uint8Array, at: number, path: string): string {
  const changed = Uint8Array.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ 1;
  writeFileSync(path, changed);
  return path;
}
