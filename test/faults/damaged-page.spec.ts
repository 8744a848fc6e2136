import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getReferral, listReferrals, openReferral, type Problem } from '../../src/client/index.js';
import { startEmbedded, type EmbeddedDatabase } from '../../src/database/index.js';
import { relaisBeside } from '../support/machines/backups.js';
import { asOwner, shiftClock, until } from '../support/machines/database.js';
import { givenReferral, storedOf, type GivenReferral } from '../support/network/makers.js';
import { givenNetwork, type FoundedServer, type ServerProcess } from '../support/machines/process.js';

/**
 * A disk that changes one bit of a page, while nobody looks: every page has a checksum, and PostgreSQL
 * refuses to read it.
 */
describe('one flipped bit in a page of a handoff', () => {
  const root = mkdtempSync(join(tmpdir(), 'relais-damaged-'));
  let database: EmbeddedDatabase;
  let server: FoundedServer;
  let running: ServerProcess;
  const cases: GivenReferral[] = [];
  let damaged: GivenReferral[];

  beforeAll(async () => {
    database = await startEmbedded(root);
    server = await givenNetwork(database.urls);
    while (cases.length < 8) cases.push(await givenReferral(server, 'received'));
    const bits = await Promise.all([
      bitOf('handoff', 'body', cases[1]),
      bitOf('handoff_wrap', 'wrap', cases[1]),
    ]);
    await server.kill();
    await database.stop();
    for (const { path, bytes } of bits) flip(path, bytes);
    database = await startEmbedded(root);
    running = await server.again();
    damaged = await unreadable();
  }, 300_000);
  afterAll(async () => {
    await running.kill();
    await server.stop();
    await database.stop();
    rmSync(root, { recursive: true });
  });

  /** In which file a value lies, and its first bytes. */
  async function bitOf(
    table: string,
    column: string,
    given?: GivenReferral,
  ): Promise<{ path: string; bytes: Buffer }> {
    const [row] = await asOwner<{ bytes: Buffer; paths: string[] }>(
      database.urls,
      `SELECT substr(${column}, 1, 48) AS bytes, ARRAY(SELECT pg_relation_filepath(r) FROM pg_class c,
           unnest(ARRAY[c.oid, c.reltoastrelid]) AS r WHERE c.oid = '${table}_open'::regclass AND r <> 0) AS paths
         FROM ${table} WHERE referral = '${given?.referral ?? ''}' LIMIT 1`,
    );
    if (!row) throw new Error('nothing is stored');
    return { path: row.paths.join('\n'), bytes: row.bytes };
  }

  function flip(paths: string, bytes: Buffer): void {
    for (const path of paths.split('\n').map((each) => join(root, 'postgres', each))) {
      const content = readFileSync(path);
      const at = content.indexOf(bytes);
      if (at < 0) continue;
      content[at] = (content[at] ?? 0) ^ 1;
      writeFileSync(path, content);
      return;
    }
    throw new Error('the value is in no file');
  }

  const outcomeOf = async ({ referral }: GivenReferral): Promise<string> =>
    openReferral(server.network.clinique.worker, referral).then(
      () => 'opened',
      (error: unknown) => `${(error as Problem).status} ${(error as Problem).code}`,
    );

  async function unreadable(): Promise<GivenReferral[]> {
    const found: GivenReferral[] = [];
    for (const given of cases) {
      const outcome = await outcomeOf(given);
      expect(['opened', '500 damaged']).toContain(outcome);
      if (outcome !== 'opened') found.push(given);
    }
    return found;
  }

  it('fails alone, is said on stderr and in readiness, and no client repeats for it', async () => {
    expect(damaged.map(({ referral }) => referral)).toContain(cases[1]?.referral);
    expect(damaged.length).toBeLessThan(cases.length - 1);
    const { worker } = server.network.laRuelle;
    expect(await listReferrals(worker, 'outbox')).toHaveLength(cases.length);
    expect((await getReferral(worker, cases[1]?.referral ?? '')).status).toBe('received');
    const ready = await fetch(`${running.address}/health/ready`);
    expect([ready.status, await ready.json()]).toMatchObject([
      200,
      { status: 'warn', checks: { whole: false } },
    ]);
    expect(running.output()).toMatch(
      /relais: the database is damaged: invalid page in block \d+ of relation "?base\/\d+\/\d+/,
    );
    for (const { referral } of cases) expect(running.output()).not.toContain(referral);
  }, 120_000);

  it('is named by the doctor, and left out of a backup that has all the rest', async () => {
    const machine = { data: server.data, urls: database.urls };
    const doctor = await relaisBeside(machine, ['doctor']).catch((error: unknown) => error);
    expect(doctor).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/WRONG {2}Pages: were found damaged \d+ times/) as unknown,
    });
    await relaisBeside(machine, ['backup', 'new-key']);
    const folder = join(root, 'backups');
    const backup = await relaisBeside(machine, ['backup', folder]).catch((error: unknown) => error);
    expect(backup).toMatchObject({ stderr: expect.stringMatching(/^NOT COMPLETE: .*handoff/) as unknown });
    expect(readdirSync(folder)).toHaveLength(1);
    const [{ n } = { n: 0 }] = await asOwner<{ n: number }>(
      database.urls,
      `SELECT count(*)::int AS n FROM readable_rows('handoff_open') WHERE whole`,
    );
    expect(n).toBeGreaterThanOrEqual(cases.length - damaged.length);
    expect(n).toBeLessThan(cases.length);
  }, 120_000);

  it('keeps nobody from withdrawing, and what can be erased is', async () => {
    const [first, ...others] = damaged;
    await first?.receipt.withdraw();
    const { laRuelle, clinique } = server.network;
    const referral = first?.referral ?? '';
    expect(await getReferral(laRuelle.worker, referral)).toMatchObject({
      status: 'cancelled',
      consentState: 'withdrawn',
    });
    await expect(openReferral(clinique.worker, referral)).rejects.toMatchObject({ code: 'consent_inactive' });
    expect(await asOwner(database.urls, 'SELECT referral FROM damaged')).toEqual([{ referral }]);
    expect(others.length + 1).toBe(damaged.length);
  }, 120_000);

  it('stops no job: of those that are due at once each ends, and the rest is erased', async () => {
    await shiftClock(database.urls, '400 days');
    const whole = cases.filter((given) => !damaged.includes(given));
    await until(async () => {
      const stored = await Promise.all(
        whole.map(({ referral }) => storedOf({ urls: database.urls }, referral).catch(() => undefined)),
      );
      return stored.every((each) => each?.handoffs === 0);
    });
    const [{ open } = { open: -1 }] = await asOwner<{ open: number }>(
      database.urls,
      'SELECT count(*)::int AS open FROM referral WHERE erased_on IS NULL',
    );
    expect(open).toBe(0);
  }, 120_000);
});
