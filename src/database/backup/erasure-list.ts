import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Backups live 30 days; the list twice as long, so that none outlives it. */
export const KEPT_DAYS = 62;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** What a restored backup must not bring back, as the migration `backups` writes it. */
export interface Erasures {
  /** The last day of which the list has a file; undefined where there is none. */
  readonly until: string | undefined;
  readonly lines: readonly string[];
}

/**
 * Where the list lies: in the data directory, and with the backups if whoever runs the machine says where
 * those are.
 */
export function erasureFolders(data: string, env: Readonly<Record<string, string | undefined>>): string[] {
  const beside = env['RELAIS_ERASURES'];
  return [...(beside === undefined ? [] : [beside]), join(data, 'erasures')];
}

/**
 * Appends to the file of a day what it does not have yet, and is done when that is on the disk. A file
 * without lines says that the list was kept on that day. A line that a crash has cut is closed, so that the
 * next one stands by itself.
 */
export async function appendErasures(folder: string, day: string, lines: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = await open(join(folder, day), 'a+', 0o600);
  try {
    const text = await file.readFile('utf8');
    const known = new Set(text.split('\n'));
    const fresh = [...new Set(lines)].filter((line) => !known.has(line)).map((line) => `${line}\n`);
    await file.appendFile((text === '' || text.endsWith('\n') ? '' : '\n') + fresh.join(''));
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Days that no backup goes back to any more. */
export async function dropOldErasures(folder: string, today: string): Promise<void> {
  const oldest = new Date(`${today}T00:00:00Z`);
  oldest.setUTCDate(oldest.getUTCDate() - KEPT_DAYS);
  const limit = oldest.toISOString().slice(0, 10);
  for (const day of await daysOf(folder)) if (day < limit) await rm(join(folder, day));
}

/**
 * Everything since that day, of all folders together; the last line of a file that a crash has cut is left
 * out.
 */
export async function readErasures(folders: readonly string[], since = ''): Promise<Erasures> {
  const files: { day: string; path: string }[] = [];
  for (const folder of folders)
    for (const day of await daysOf(folder)) files.push({ day, path: join(folder, day) });
  files.sort((a, b) => (a.day < b.day ? -1 : 1));
  const lines: string[] = [];
  for (const { path } of files.filter(({ day }) => day >= since)) {
    const text = await readFile(path, 'utf8');
    lines.push(...text.slice(0, text.lastIndexOf('\n') + 1).split('\n'));
  }
  return { until: files.at(-1)?.day, lines: lines.filter((line) => line !== '') };
}

async function daysOf(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => DAY.test(name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
