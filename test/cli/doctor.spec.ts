import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asOwner, givenDatabase } from '../support/machines/database.js';
import type { DatabaseUrls } from '../../src/database/index.js';
import { checkBackups } from '../../src/cli/doctor/backups.js';
import { checkDatabase } from '../../src/cli/doctor/database.js';
import type { Finding } from '../../src/cli/doctor/finding.js';
import {
  checkDirectory,
  checkDisk,
  checkNode,
  checkPort,
  checkPrograms,
} from '../../src/cli/doctor/machine.js';

const data = mkdtempSync(join(tmpdir(), 'relais-doctor-'));

function ownDatabase({ application, owner, sequencer }: DatabaseUrls): NodeJS.ProcessEnv {
  return { DATABASE_URL: application, DATABASE_OWNER_URL: owner, DATABASE_SEQUENCER_URL: sequencer };
}

function verdicts(findings: readonly Finding[]): string[] {
  return findings.map(({ what, verdict }) => `${what}: ${verdict}`);
}

afterAll(() => {
  rmSync(data, { recursive: true });
});

describe('the doctor looks at the machine', () => {
  it('and finds this one in order', () => {
    expect(checkNode(process.versions.node).verdict).toBe('good');
    expect(checkPrograms(data).verdict).toBe('good');
    expect(checkDisk(join(data, 'not', 'there')).verdict).not.toBe('wrong');
    expect(checkDirectory(data).verdict).toBe('good');
  });

  it('and names a Node that is too old', () => {
    expect(checkNode('20.18.3').verdict).toBe('wrong');
    expect(checkNode('22.0.0').verdict).toBe('good');
  });

  it('and says how to close a directory or a file that others can read', () => {
    writeFileSync(join(data, 'database-urls.json'), '{}', { mode: 0o644 });
    expect(checkDirectory(data)).toMatchObject({
      verdict: 'wrong',
      mend: `cd ${data} && chmod 600 database-urls.json`,
    });
    chmodSync(data, 0o755);
    expect(checkDirectory(data)).toMatchObject({ verdict: 'wrong', mend: `chmod 700 ${data}` });
    chmodSync(data, 0o700);
    rmSync(join(data, 'database-urls.json'));
  });

  it('and tells a free port from a taken one', async () => {
    const server = createServer();
    const port = await new Promise<string>((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        resolve(String(typeof address === 'object' ? address?.port : ''));
      });
    });
    expect(await checkPort(port, '127.0.0.1')).toMatchObject({ verdict: 'wrong', says: `${port} is in use` });
    await new Promise((resolve) => server.close(resolve));
    expect((await checkPort(port, '127.0.0.1')).verdict).toBe('good');
    expect((await checkPort('http', '127.0.0.1')).verdict).toBe('wrong');
  });
});

describe('the doctor looks at backups', () => {
  it('and says what is missing, from a machine with nothing to lose to one whose last is old', () => {
    const place = mkdtempSync(join(tmpdir(), 'relais-doctor-backups-'));
    const now = new Date('2026-11-27T12:00:00Z');
    const says = (): string => `${checkBackups(place, now).verdict}: ${checkBackups(place, now).says}`;
    expect(says()).toBe('good: there is nothing to lose yet');
    mkdirSync(join(place, 'keys'));
    expect(says()).toContain('doubtful: there is no recovery key');
    writeFileSync(join(place, 'recovery-recipients'), 'age1…\n');
    expect(says()).toBe('doubtful: none was made here yet');
    writeFileSync(join(place, 'last-backup'), '2026-11-26T03:00:00.000Z');
    expect(says()).toBe('good: the last one is of 2026-11-26');
    writeFileSync(join(place, 'last-backup'), '2026-11-20T03:00:00.000Z');
    expect(says()).toBe('doubtful: the last one is of 2026-11-20');
    writeFileSync(join(place, 'restored'), '');
    expect(says()).toContain('signs nothing before its witnesses agree');
    rmSync(place, { recursive: true });
  });
});

describe('the doctor looks at the database', () => {
  let urls: DatabaseUrls;
  beforeAll(async () => {
    urls = await givenDatabase();
  });

  it('and says that there is none yet', async () => {
    expect(await checkDatabase(data, {})).toMatchObject([
      { verdict: 'good', says: expect.stringMatching(/relais init/) },
    ]);
  });

  it('and finds three logins with their rights, and tables that are up to date', async () => {
    const findings = await checkDatabase(data, ownDatabase(urls));
    expect(findings.map(({ verdict }) => verdict)).toEqual(Array.from({ length: 6 }, () => 'good'));
    expect(findings.find(({ what }) => what === 'Tables')?.says).toBe('up to date');
  });

  it('and refuses an application that could change the schema', async () => {
    const findings = await checkDatabase(data, ownDatabase({ ...urls, application: urls.owner }));
    expect(verdicts(findings)).toContain('Login of the application: wrong');
  });

  it('and refuses a sequencer in the application’s place', async () => {
    const findings = await checkDatabase(data, ownDatabase({ ...urls, sequencer: urls.application }));
    expect(findings.at(-1)).toMatchObject({ verdict: 'wrong', says: 'relais_application is in relais_app' });
  });

  it('and prints the SQL of the roles when a login is refused, never a password', async () => {
    const wrongly = urls.owner.replace(/:[^:@/]+@/, ':hunter2-hunter2@');
    const findings = await checkDatabase(data, ownDatabase({ ...urls, owner: wrongly }));
    expect(findings.at(-1)?.mend).toMatch(/CREATE ROLE relais_app NOLOGIN/);
    expect(JSON.stringify(findings)).not.toMatch(/hunter2/);
  });

  it('and says to look at host and port when nobody answers', async () => {
    const nowhere = 'postgresql://owner:secret@127.0.0.1:1/relais';
    const findings = await checkDatabase(data, ownDatabase({ ...urls, owner: nowhere }));
    expect(findings.at(-1)?.mend).toMatch(/host, port/);
  });

  it('and names a database that a newer Relais made', async () => {
    await asOwner(urls, `INSERT INTO migrations (timestamp, name) VALUES (9, 'Future9000000000000')`);
    const findings = await checkDatabase(data, ownDatabase(urls));
    expect(findings.find(({ what }) => what === 'Tables')).toMatchObject({ verdict: 'wrong' });
  });
});
