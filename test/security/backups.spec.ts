import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { givenBackup, relais, spoil, type Machine, type TestBackup } from '../support/machines/backups.js';
import { asOwner, givenDatabase, until } from '../support/machines/database.js';
import { givenReferral, storedOf } from '../support/network/makers.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

/** What a stolen, spoilt or misused backup yields. */
describe('a backup', () => {
  let server: FoundedServer;
  let backup: TestBackup;
  let erasures: string;
  let kept: string;
  let withdrawn: string;

  beforeAll(async () => {
    server = await givenNetwork();
    kept = (await givenReferral(server, 'received')).referral;
    const leaving = await givenReferral(server, 'received');
    withdrawn = leaving.referral;
    backup = givenBackup(server);
    await leaving.receipt.withdraw();
    // whatever happens right after the act, the list will know of it
    await server.kill();
    await server.again();
    erasures = join(server.data, 'erasures');
    await until(async () => (await asOwner(server.urls, 'SELECT FROM erased')).length === 0);
  });
  afterAll(async () => {
    backup.remove();
    await server.stop();
  });

  const emptyMachine = async (): Promise<Machine> => ({
    data: backup.emptyPlace(),
    urls: await givenDatabase(),
  });

  /** What the command says of a restore that it refuses; afterwards the place is as empty as before. */
  async function refusalOf(file: string, { key = backup.key, list = erasures } = {}): Promise<string> {
    const machine = await emptyMachine();
    try {
      relais(machine, ['restore', file, '--erasures', list], { input: `${key}\n` });
      return '';
    } catch (error) {
      expect(readdirSync(machine.data)).toEqual([]);
      expect(await asOwner(machine.urls, 'SELECT FROM network')).toEqual([]);
      return (error as { stderr: string }).stderr;
    }
  }

  it('shows nothing to whoever has the file and not the key', async () => {
    const bytes = readFileSync(backup.file).toString('latin1');
    for (const word of [server.network.trust.network, kept, 'relais.json', 'Clinique'])
      expect(bytes).not.toContain(word);
    const other = relais(await emptyMachine(), ['backup', 'new-key']);
    const [key = ''] = /AGE-SECRET-KEY-PQ-1[A-Z0-9]+/.exec(other) ?? [];
    expect(await refusalOf(backup.file, { key })).toMatch(/^relais restore: /);
  });

  it('is refused where one byte of it is another, or its end is missing', async () => {
    const bytes = new Uint8Array(readFileSync(backup.file));
    for (const at of [20, 2_000, Math.floor(bytes.length / 2), bytes.length - 1])
      expect(await refusalOf(spoil(bytes, at, join(backup.folder, 'spoilt')))).toMatch(/^relais restore: /);
    for (const length of [0, 100, bytes.length - 65_536, bytes.length - 1]) {
      writeFileSync(join(backup.folder, 'cut'), bytes.slice(0, length));
      expect(await refusalOf(join(backup.folder, 'cut'))).toMatch(/^relais restore: /);
    }
  }, 120_000);

  it('is restored with the right list of what was erased, and no other', async () => {
    expect(await refusalOf(backup.file, { list: join(server.data, 'keys') })).toContain(
      'is not the list of what was erased',
    );
  });

  it('is restored without any content where the list is lost', async () => {
    const machine = await emptyMachine();
    const page = relais(machine, ['restore', backup.file, '--erasures', 'lost'], { input: backup.key });
    expect(page).toContain('no content was restored at all');
    for (const referral of [kept, withdrawn])
      expect(await storedOf(machine, referral)).toMatchObject({ handoffs: 0, wraps: 0 });
    expect(await asOwner(machine.urls, 'SELECT FROM message UNION ALL SELECT FROM attachment')).toEqual([]);
  });

  it('goes into no place that is used already', async () => {
    const machine = await emptyMachine();
    const restore = (at: Machine) =>
      relais(at, ['restore', backup.file, '--erasures', erasures], { input: backup.key });
    restore(machine);
    expect(() => restore(machine)).toThrow(/already holds a network/);
    expect(() => restore({ ...machine, data: server.data })).toThrow(/already holds keys/);
    expect(() => restore({ ...machine, data: backup.emptyPlace() })).toThrow(/already holds a network/);
  });

  it('has a list beside it that names nobody', () => {
    const list = readdirSync(erasures)
      .map((day) => readFileSync(join(erasures, day), 'utf8'))
      .join('');
    expect(list).toMatch(/^erased [0-9a-f]{64} cancelled consent-withdrawn withdrawn\n$/);
    expect(list).not.toContain(withdrawn);
  });
});
