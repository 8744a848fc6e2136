import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  coordinatorTasks,
  Device,
  fetchProofs,
  getReferral,
  openReferral,
  repostLostEntries,
  revokeDevice,
  vouchForWebApp,
} from '../../src/client/index.js';
import { readUnverified } from '../../src/protocol/encoding/signed.js';
import { givenBackup, relais, type Machine, type TestBackup } from '../support/machines/backups.js';
import { asOwner, givenDatabase, until } from '../support/machines/database.js';
import { givenReferral, storedOf } from '../support/network/makers.js';
import {
  givenNetwork,
  givenServerProcess,
  type FoundedServer,
  type ServerProcess,
} from '../support/machines/process.js';
import { givenPullWitness, givenPushWitness } from '../support/log/witness.js';

/**
 * The machine burns. A backup of some hours ago is there, the list of what was erased since, and what two
 * witnesses have seen; the last minutes are nowhere.
 */
describe('a network that is put back from a backup', () => {
  let server: FoundedServer;
  let restored: ServerProcess | undefined;
  let backup: TestBackup;
  let pull: Awaited<ReturnType<typeof givenPullWitness>>;
  let push: Awaited<ReturnType<typeof givenPushWitness>>;
  let stopPush: () => Promise<void>;
  let machine: Machine;
  let page: string;
  /** What became of referrals: kept as it was, withdrawn after the backup, sent after it. */
  const referrals = { kept: '', withdrawn: '', late: '' };
  let lostDevice: Device;
  let revocations: number;

  beforeAll(async () => {
    server = await givenNetwork();
    const { laRuelle, clinique, trust } = server.network;
    push = await givenPushWitness(trust, laRuelle);
    pull = await givenPullWitness(trust, clinique);
    stopPush = await push.start();
    referrals.kept = (await givenReferral(server, 'received')).referral;
    const leaving = await givenReferral(server, 'received');
    referrals.withdrawn = leaving.referral;
    backup = givenBackup(server);
    await leaving.receipt.withdraw();
    referrals.late = (await givenReferral(server, 'received')).referral;
    lostDevice = await Device.start(clinique.worker.state);
    await revokeDevice(clinique.coordinator, {
      device: clinique.worker.state.device,
      services: [clinique.service],
    });
    await pull.pull();
    await until(async () => (await pull.pull()).every(({ witnessed }) => witnessed));
    await stopPush();
    // nobody but the members' own devices sees what comes now
    const manifest = await (await fetch(`${server.address}/web-app.sha256`)).text();
    await vouchForWebApp(laRuelle.coordinator, manifest);
    revocations = revocationsIn((await laRuelle.coordinator.registry()).entries);
    await fetchProofs(laRuelle.worker, referrals.late);
    await laRuelle.worker.registry();
    await clinique.coordinator.registry();
    await until(async () => (await asOwner(server.urls, 'SELECT FROM erased')).length === 0);
    await server.kill();
    machine = { data: backup.emptyPlace(), urls: await givenDatabase() };
  }, 300_000);
  afterAll(async () => {
    await stopPush();
    await restored?.stop();
    await server.stop();
    for (const { remove } of [push, pull, backup]) remove();
  });

  it('comes back in one command, which says on one page what did', () => {
    page = relais(machine, ['restore', backup.file, '--erasures', `${server.data}/erasures`], {
      input: `${backup.key}\n`,
    });
    expect(page).toContain('erased again             1 referrals, 0 keys to transfers, 1 revoked devices');
    expect(page).toMatch(/referrals open \/ closed {2}2 \/ 0\n/);
  });

  it('says nothing before a majority of its witnesses agrees', async () => {
    let said = '';
    const starting = server.elsewhere(machine.urls, machine.data, (text) => (said = text));
    await until(() => Promise.resolve(said.includes('Not heard of: ')));
    await expect(fetch(`${server.address}/health/live`)).rejects.toThrow();
    // one of two is no majority; the other one's copy is
    stopPush = await push.start();
    await until(() => Promise.resolve(said.includes('Know more than this database: La Ruelle')));
    relais(machine, ['log', 'recover', pull.mirror]);
    restored = await starting;
    expect(said).toContain('this network signs again');
  }, 120_000);

  it('has brought nobody back who had left', async () => {
    const { laRuelle } = server.network;
    expect(await storedOf(machine, referrals.withdrawn)).toMatchObject({
      handoffs: 0,
      wraps: 0,
    });
    expect(await getReferral(laRuelle.worker, referrals.withdrawn)).toMatchObject({
      status: 'cancelled',
      consentState: 'withdrawn',
    });
    await expect(getReferral(lostDevice, referrals.kept)).rejects.toMatchObject({ status: 401 });
    await expect(getReferral(laRuelle.worker, referrals.late)).rejects.toMatchObject({ status: 404 });
  });

  it('is followed by devices that had seen what it has lost, and says so in the registry', async () => {
    const { laRuelle, clinique } = server.network;
    // a device follows only what its witnesses have seen
    await until(async () => (await pull.pull()).every(({ witnessed }) => witnessed));
    const registry = await laRuelle.coordinator.registry();
    expect(registry.restores).toHaveLength(1);
    expect(revocationsIn(registry.entries)).toBe(revocations);
    expect((await fetchProofs(laRuelle.worker, referrals.kept)).length).toBe(3);
    const device = await Device.start(clinique.coordinator.state);
    expect((await device.registry()).restores).toHaveLength(1);
  });

  it('shows a coordinator which entries were lost, and takes them again', async () => {
    const { coordinator } = server.network.laRuelle;
    const lost = (await coordinatorTasks(coordinator)).filter(({ kind }) => kind === 'entry-lost');
    expect(lost).toMatchObject([{ typ: 'web-app+jws' }]);
    await repostLostEntries(coordinator);
    expect((await coordinatorTasks(coordinator)).map(({ kind }) => kind)).not.toContain('entry-lost');
  });

  it('goes on: what was sent before can be opened, and new referrals go through', async () => {
    expect((await openReferral(server.network.laRuelle.worker, referrals.kept)).record).toBeDefined();
  });
});

describe('a server that nobody has founded yet', () => {
  it('can be founded after it was put back, and backed up again with the same key', async () => {
    const server = await givenServerProcess();
    const backup = givenBackup(server);
    const machine = { data: backup.emptyPlace(), urls: await givenDatabase() };
    relais(machine, ['restore', backup.file, '--erasures', `${server.data}/erasures`], { input: backup.key });
    await server.kill();
    const there = await server.elsewhere(machine.urls, machine.data);
    expect(await (await fetch(`${there.address}/v1/network`)).json()).toMatchObject({ founded: false });
    expect(relais(machine, ['backup', backup.folder])).toContain('Written');
    await there.stop();
    backup.remove();
    await server.stop();
  }, 60_000);
});

function revocationsIn(entries: readonly string[]): number {
  return entries.filter((entry) => readUnverified(entry).header.typ === 'revocation+jws').length;
}
