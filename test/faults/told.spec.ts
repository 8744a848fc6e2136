import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkServer } from '../../src/cli/doctor/server.js';
import { asOwner } from '../support/machines/database.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

interface Ready {
  readonly status: string;
  readonly checks: { readonly database: boolean; readonly signing: boolean };
  readonly lastSuccess: Readonly<Record<string, string | null>>;
}

describe('whoever runs the machine', () => {
  let server: FoundedServer;

  beforeAll(async () => {
    server = await givenNetwork();
  });
  afterAll(() => server.stop());

  async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await isSo())) await sleep(50);
  }
  const ready = async () => (await (await fetch(`${server.address}/health/ready`)).json()) as Ready;
  const told = () => server.output().match(/^relais: .*$/gm) ?? [];
  const doctor = () => checkServer(new URL(server.address).port, '127.0.0.1');

  it('sees in readiness, and by relais doctor, when each job last succeeded', async () => {
    await until(async () => (await ready()).lastSuccess['clock'] !== null);
    const { sequencer } = (await ready()).lastSuccess;
    await until(async () => (await ready()).lastSuccess['sequencer'] !== sequencer);
    expect(await doctor()).toMatchObject({ verdict: 'good', says: expect.stringContaining('sequencer 2') });
    expect(await checkServer('1', '127.0.0.1')).toBeUndefined();
  });

  it('is told why the logs are no longer signed, and when they are again', async () => {
    const fence = join(server.data, 'fence');
    renameSync(fence, `${fence}.away`);
    await until(() => told().length > 0);
    expect(told()).toEqual([
      'relais: the logs are not signed, and proofs wait: this machine has the log key but no fence: copy both from the last signer',
    ]);
    expect([(await ready()).status, (await doctor())?.verdict]).toEqual(['fail', 'wrong']);
    renameSync(`${fence}.away`, fence);
    await until(() => told().length > 1);
    expect(told()[1]).toBe('relais: the logs are signed again');
    expect((await ready()).status).toBe('pass');
  });

  it('is told that the clock stands still, and when it goes on', async () => {
    const before = told().length;
    await asOwner(server.urls, 'ALTER TABLE handoff RENAME TO handoff_away');
    await until(() => told().length > before);
    await asOwner(server.urls, 'ALTER TABLE handoff_away RENAME TO handoff');
    await until(() => told().length > before + 1);
    expect(told().slice(before)).toEqual([
      'relais: referrals do not lapse and nothing is erased: 42P01',
      'relais: referrals lapse and are erased again',
    ]);
  });
});
