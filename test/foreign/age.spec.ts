import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { relais } from '../support/machines/backups.js';
import { describeWith } from '../support/machines/needs.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

const absent = spawnSync('age', ['--version']).status === 0 ? [] : ['age'];

/** Whoever lost this program can still open a backup: with Debian's age, gzip and tar. */
describeWith('a backup for a key that age-keygen made', absent, () => {
  const root = mkdtempSync(join(tmpdir(), 'relais-age-'));
  let server: FoundedServer;

  beforeAll(async () => {
    server = await givenNetwork();
    execFileSync('age-keygen', ['-o', join(root, 'key')], { stdio: 'ignore' });
    const recipient = execFileSync('age-keygen', ['-y', join(root, 'key')], { encoding: 'utf8' });
    writeFileSync(join(server.data, 'recovery-recipients'), recipient);
    relais(server, ['backup', join(root, 'backups')]);
  });
  afterAll(async () => {
    rmSync(root, { recursive: true });
    await server.stop();
  });

  it('is opened by age, and holds the tables and the keys', () => {
    const [name = ''] = readdirSync(join(root, 'backups'));
    const tar = execFileSync('age', ['-d', '-i', join(root, 'key'), join(root, 'backups', name)]);
    const list = execFileSync('tar', ['-tz'], { input: tar, encoding: 'utf8' }).split('\n');
    expect(list[0]).toBe('relais.json');
    expect(list).toEqual(
      expect.arrayContaining(['files/http-secret', 'tables/organisation/0', 'tables/log_entries/0']),
    );
    const rows = execFileSync('tar', ['-xzO', 'tables/organisation/0'], { input: tar, encoding: 'utf8' });
    expect(rows).toContain('La Ruelle');
  });
});
