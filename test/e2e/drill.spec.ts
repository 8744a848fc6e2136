import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { compareDatabases } from '../../src/cli/backup/compare.js';
import { restoredPage } from '../../src/cli/backup/page.js';
import { restoreBackup, takeBackup } from '../../src/database/backup/index.js';
import { givenBackup, relais, type TestBackup } from '../support/machines/backups.js';
import { asOwner, givenDatabase } from '../support/machines/database.js';
import { givenReferral } from '../support/network/makers.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

/** What an association does twice a year, while the server runs. */
describe('a drill', () => {
  let server: FoundedServer;
  let backup: TestBackup;

  beforeAll(async () => {
    server = await givenNetwork();
    await givenReferral(server, 'accepted');
    await (await givenReferral(server, 'received')).receipt.withdraw();
    backup = givenBackup(server);
  });
  afterAll(async () => {
    backup.remove();
    await server.stop();
  });

  const scratches = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('relais-drill-'));

  it('backs up, restores, compares, and leaves nothing behind', () => {
    const before = scratches();
    const page = relais(server, ['drill']);
    expect(page).toContain('THE DRILL WENT WELL');
    expect(page).toMatch(/referrals open \/ closed {2}1 \/ 1\n/);
    expect(scratches()).toEqual(before);
  }, 120_000);

  it('sees rows that did not come back, and a log that is not the one that was signed', async () => {
    const { generateX25519Identity, identityToRecipient } = await import('age-encryption');
    const identity = await generateX25519Identity();
    const { owner } = await givenDatabase();
    const taken = await takeBackup({ data: server.data, owner: server.urls.owner }, [
      await identityToRecipient(identity),
    ]);
    const options = { identity, erasures: [`${server.data}/erasures`] };
    const restored = await restoreBackup({ data: backup.emptyPlace(), owner }, taken, options);
    expect(await compareDatabases(owner, restored)).toEqual([]);
    expect(restoredPage(restored, 'fr')).toMatch(/orientations ouvertes \/ fermées {2}1 \/ 1\n/);
    expect(restoredPage(restored, 'nl')).toMatch(/doorverwijzingen open \/ gesloten {2}1 \/ 1\n/);
    const urls = { ...server.urls, owner };
    await asOwner(urls, 'DELETE FROM service_profile; DELETE FROM statement');
    await asOwner(urls, 'ALTER TABLE log_entries DISABLE TRIGGER USER');
    await asOwner(
      urls,
      `UPDATE log_entries SET bytes = set_byte(bytes, octet_length(bytes) - 1, get_byte(bytes, octet_length(bytes) - 1) # 1)`,
    );
    const wrong = await compareDatabases(owner, restored);
    expect(wrong.filter((line) => line.startsWith('statement_'))).toHaveLength(2);
    expect(wrong.filter((line) => line.includes('/consent/') || line.includes('/registry/'))).toHaveLength(2);
  });
});
