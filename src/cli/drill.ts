import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { generateHybridIdentity, identityToRecipient } from 'age-encryption';
import { restoreBackup, takeBackup } from '../database/backup/index.js';
import { erasureFolders, startEmbedded } from '../database/index.js';
import { compareDatabases } from './backup/compare.js';
import { SAY } from './backup/messages.js';
import { restoredPage } from './backup/page.js';
import { command } from './command.js';
import type { Language } from './language.js';
import { withDatabase } from './running.js';
import { DEFAULT_DATA } from './serve.js';

/**
 * `relais drill`: takes a backup, restores it into a scratch place with a PostgreSQL of its own, and compares
 * what came back. Nothing of it stays. Exit 0 all came back, 1 not.
 */
export const drillCommand = command('drill', async ({ language }) => {
  const data = resolve(process.env['RELAIS_DATA'] ?? DEFAULT_DATA);
  const scratch = mkdtempSync(join(tmpdir(), 'relais-drill-'));
  try {
    return await withDatabase(data, ({ owner }) => drill({ data, owner }, scratch, language));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
});

async function drill(
  place: { data: string; owner: string },
  scratch: string,
  language: Language,
): Promise<number> {
  const identity = await generateHybridIdentity();
  const backup = await takeBackup(place, [await identityToRecipient(identity)]);
  const database = await startEmbedded(scratch);
  try {
    const { owner } = database.urls;
    const erasures = erasureFolders(place.data, process.env);
    const restored = await restoreBackup({ data: scratch, owner }, backup, { identity, erasures });
    const wrong = await compareDatabases(owner, restored);
    process.stdout.write(restoredPage(restored, language));
    process.stdout.write(
      `${[SAY[language][wrong.length === 0 ? 'drillGood' : 'drillBad'], ...wrong].join('\n')}\n`,
    );
    return wrong.length === 0 ? 0 : 1;
  } finally {
    await database.stop();
  }
}
