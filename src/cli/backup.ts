import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { generateHybridIdentity, identityToRecipient } from 'age-encryption';
import { DamagedTable, takeBackup, type Place } from '../database/backup/index.js';
import { SAY } from './backup/messages.js';
import { settleFolder, writeDurably } from './files.js';
import { command } from './command.js';
import type { Language } from './language.js';
import { withDatabase } from './running.js';
import { DEFAULT_DATA } from './serve.js';
import { fill } from '../client/audit/audit-messages.js';

/**
 * To whom backups are encrypted: age recipients, one a line. Whoever has keys of age already writes the file
 * by hand.
 */
export const RECIPIENTS = 'recovery-recipients';
/** When the last one was written, for `relais doctor`. */
export const LAST_BACKUP = 'last-backup';
const NAME = /^relais-\d{8}T\d{6}Z\.tar\.gz\.age$/;
const KEPT_MS = 30 * 86_400_000;
const DRAFT_MS = 86_400_000;

/** `relais backup`: exit 0 done, 1 not. */
export const backupCommand = command('backup', ({ form, operands: [folder = ''], language }) => {
  const data = resolve(process.env['RELAIS_DATA'] ?? DEFAULT_DATA);
  return form === 'backup new-key' ? makeKey(data, language) : writeBackup(data, resolve(folder), language);
});

/** A key of age with a post-quantum half; what is stored opens nothing. */
async function makeKey(data: string, language: Language): Promise<number> {
  const say = SAY[language];
  const path = join(data, RECIPIENTS);
  if (existsSync(path)) throw new Error(fill(say.keyExists, { path }));
  await mkdir(data, { recursive: true, mode: 0o700 });
  const identity = await generateHybridIdentity();
  writeDurably(path, `${await identityToRecipient(identity)}\n`, 0o600);
  process.stdout.write(`${fill(say.key, { identity })}\n`);
  return 0;
}

async function writeBackup(data: string, folder: string, language: Language): Promise<number> {
  const say = SAY[language];
  const recipients = readRecipients(data);
  if (recipients.length === 0) throw new Error(say.noKey);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const stamp = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const path = join(folder, `relais-${stamp}.tar.gz.age`);
  const damaged = await withDatabase(data, async ({ owner }) => {
    const draft = `${path}.new`;
    const found = await writeReadable({ data, owner }, recipients, draft);
    await syncFile(draft);
    await rename(draft, path);
    settleFolder(folder);
    return found;
  });
  writeDurably(join(data, LAST_BACKUP), new Date().toISOString(), 0o600);
  const dropped = await dropOld(folder);
  const { size } = await stat(path);
  process.stdout.write(`${fill(say.written, { path, size: `${size}`, dropped: `${dropped}` })}\n`);
  if (damaged.length === 0) return 0;
  process.stderr.write(`${fill(say.damaged, { tables: damaged.join(', ') })}\n`);
  return 1;
}

/**
 * One damaged page of a case keeps no other from the backup: then it is written anew without what cannot be
 * read.
 */
async function writeReadable(place: Place, recipients: readonly string[], draft: string): Promise<string[]> {
  const damaged = new Set<string>();
  for (;;) {
    try {
      await pipeline(await takeBackup(place, recipients, damaged), createWriteStream(draft, { mode: 0o600 }));
      return [...damaged];
    } catch (error) {
      if (!(error instanceof DamagedTable) || !error.canBeLeftOut || damaged.has(error.table)) throw error;
      damaged.add(error.table);
    }
  }
}

function readRecipients(data: string): string[] {
  const path = join(data, RECIPIENTS);
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  await file.sync();
  await file.close();
}

/**
 * A draft that was not touched for a day is nobody's; a younger one may be another network's, or of a run
 * under way.
 */
function keptFor(name: string): number | undefined {
  if (NAME.test(name)) return KEPT_MS;
  return name.endsWith('.new') && NAME.test(name.slice(0, -4)) ? DRAFT_MS : undefined;
}

/**
 * Backups hold what the law and the charter let us keep no longer than that; drafts of runs that were killed
 * go too.
 */
async function dropOld(folder: string): Promise<number> {
  let dropped = 0;
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const kept = keptFor(name);
    if (kept === undefined || (await stat(path)).mtimeMs >= Date.now() - kept) continue;
    await rm(path);
    dropped++;
  }
  return dropped;
}
