import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Backups live 30 days; the list twice as long, so that none outlives it. */
const KEPT_DAYS = 62;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** What a restored backup must not bring back, as the migration `backups` writes it. */
export interface Erasures {
  /** The last day of which the list has a file; undefined where there is none. */
  readonly until: string | undefined;
  readonly lines: readonly string[];
}

/** Where the list lies: with the backups, if whoever runs the machine says so, and else in the data directory. */
export function erasureFolder(data: string, env: Readonly<Record<string, string | undefined>>): string {
  return env['RELAIS_ERASURES'] ?? join(data, 'erasures');
}

/**
 * Appends lines to the file of a day, and is done when they are on the disk. A file without lines says that the list was
 * kept on that day. A line that is written twice, after a crash in between, says the same as one.
 */
export async function appendErasures(folder: string, day: string, lines: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = await open(join(folder, day), 'a', 0o600);
  try {
    await file.appendFile(lines.map((line) => `${line}\n`).join(''));
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

/** Everything since that day; the last line of a file that a crash has cut is left out. */
export async function readErasures(folder: string, since: string): Promise<Erasures> {
  const days = (await daysOf(folder)).sort();
  const lines: string[] = [];
  for (const day of days.filter((each) => each >= since)) {
    const text = await readFile(join(folder, day), 'utf8');
    lines.push(...text.slice(0, text.lastIndexOf('\n') + 1).split('\n'));
  }
  return { until: days.at(-1), lines: lines.filter((line) => line !== '') };
}

async function daysOf(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => DAY.test(name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
