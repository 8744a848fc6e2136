import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acknowledge, fetchProofs, maintainKeys, openReferral } from '../../src/client/index.js';
import { verifyCommand } from '../../src/cli/verify.js';
import type { AuditReport } from '../../src/protocol/audit/report.js';
import { givenBackup, relais, type Machine } from '../support/machines/backups.js';
import { givenDatabase, until } from '../support/machines/database.js';
import { givenReferral } from '../support/network/makers.js';
import { givenOldYearsEve, type OldYearsEve } from '../support/network/new-year.js';
import { givenPullWitness, givenPushWitness } from '../support/log/witness.js';

/** The machine burns in January, and the last backup is of December. */
describe('a network that is put back over a New Year', () => {
  const undo: (() => unknown)[] = [];
  afterEach(async () => {
    for (const each of undo.splice(0).reverse()) await each();
  });

  const folder = (): string => {
    const made = mkdtempSync(join(tmpdir(), 'relais-new-year-restore-'));
    undo.push(() => rmSync(made, { recursive: true }));
    return made;
  };

  async function givenOld(): Promise<OldYearsEve & { kept: string }> {
    const server = await givenOldYearsEve();
    undo.push(() => server.stop());
    return { ...server, kept: (await givenReferral(server, 'requested')).referral };
  }

  async function celebrate(server: OldYearsEve): Promise<void> {
    const { laRuelle, clinique } = server.network;
    await server.passDays(3);
    await until(async () => (await laRuelle.coordinator.registry()).years[0]?.closed !== undefined);
    for (const { coordinator } of [laRuelle, clinique]) await maintainKeys(coordinator);
    for (const { worker } of [laRuelle, clinique]) await worker.takeGrants();
  }

  async function restore(
    server: OldYearsEve,
    backup: ReturnType<typeof givenBackup>,
    days = 3,
  ): Promise<Machine> {
    await server.kill();
    const machine = { data: backup.emptyPlace(), urls: await givenDatabase() };
    relais(machine, ['restore', backup.file, '--erasures', `${server.data}/erasures`], {
      input: `${backup.key}\n`,
    });
    await server.passDays(days, machine.urls);
    return machine;
  }

  it('comes back in the new year, where its witnesses have copies of it', async () => {
    const server = await givenOld();
    const { laRuelle, clinique, trust } = server.network;
    const push = await givenPushWitness(trust, laRuelle, server.clock);
    const stop = await push.start();
    const pull = await givenPullWitness(trust, clinique, server.clock);
    undo.push(stop, pull.remove, push.remove);
    const backup = givenBackup(server);
    undo.push(backup.remove);
    await celebrate(server);
    const late = (await givenReferral(server, 'requested')).referral;
    await fetchProofs(laRuelle.worker, late);
    // all that stands in the logs was seen by both, twice: what is published hourly comes some seconds later
    for (let seen = 0; seen < 2; seen++) {
      await until(async () => (await pull.pull()).every(({ witnessed }) => witnessed));
      await new Promise((resolve) => setTimeout(resolve, 2500));
    }
    await until(async () => (await pull.pull()).every(({ witnessed }) => witnessed));
    const machine = await restore(server, backup);
    let said = '';
    const starting = server.elsewhere(machine.urls, machine.data, (text) => (said = text));
    await until(() => Promise.resolve(said.includes('Know more than this database: La Ruelle')));
    relais(machine, ['log', 'recover', pull.mirror]);
    const restored = await starting;
    undo.push(() => restored.stop());
    await until(async () => (await pull.pull()).every(({ witnessed }) => witnessed));
    await goesOn(server);
    const { years, restores } = await laRuelle.coordinator.registry();
    expect(years).toHaveLength(1);
    expect(restores[0]?.consent.origin).toContain(`/consent/${server.year + 1}`);
    expect(await audit(server)).toMatchObject({ sound: true, violations: [] });
  }, 180_000);

  it('ends the old year itself, where the copies know no more than that it was about to', async () => {
    const server = await givenOld();
    const { laRuelle, clinique, trust } = server.network;
    const pull = await givenPullWitness(trust, clinique, server.clock);
    undo.push(pull.remove);
    const backup = givenBackup(server);
    undo.push(backup.remove);
    await celebrate(server);
    await until(async () => (await pull.pull()).every(({ witnessed }) => witnessed));
    const mirror = join(folder(), 'mirror');
    cpSync(pull.mirror, mirror, { recursive: true });
    for (const kind of ['consent', 'registry'])
      rmSync(join(mirror, kind, `${server.year + 1}`), { recursive: true });
    const machine = await restore(server, backup);
    let said = '';
    const starting = server.elsewhere(machine.urls, machine.data, (text) => (said = text));
    await until(() => Promise.resolve(said.includes('Not heard of: ')));
    relais(machine, ['log', 'recover', mirror]);
    const restored = await starting;
    undo.push(() => restored.stop());
    const { state } = laRuelle.coordinator;
    const fresh = await server.start({
      ...state,
      network: { ...state.network, registry: { entries: [], checkpoint: null } },
    });
    expect((await fresh.registry()).years).toHaveLength(1);
  }, 180_000);

  it('has a New Year as any other, once it was put back in December', async () => {
    const server = await givenOld();
    const backup = givenBackup(server);
    undo.push(backup.remove);
    const machine = await restore(server, backup, 0);
    const restored = await server.elsewhere(machine.urls, machine.data);
    undo.push(() => restored.stop());
    await server.passDays(3, machine.urls);
    const { coordinator } = server.network.laRuelle;
    await until(async () => (await coordinator.registry()).years[0]?.closed !== undefined);
    await goesOn(server);
    expect(await audit(server)).toMatchObject({ sound: true, violations: [] });
  }, 180_000);

  async function goesOn(server: OldYearsEve & { kept: string }): Promise<void> {
    const { clinique, laRuelle } = server.network;
    for (const { coordinator } of [laRuelle, clinique]) await maintainKeys(coordinator);
    for (const { worker } of [laRuelle, clinique]) await worker.takeGrants();
    await acknowledge(clinique.worker, server.kept);
    expect((await openReferral(clinique.worker, server.kept)).record['calledName']).toBe('Sam');
    const { referral } = await givenReferral(server, 'received');
    expect(await fetchProofs(laRuelle.worker, referral)).toHaveLength(3);
  }

  async function audit(server: OldYearsEve): Promise<AuditReport> {
    const root = folder();
    writeFileSync(join(root, 'trust.json'), JSON.stringify(server.network.trust));
    let printed = '';
    const spy = jest
      .spyOn(process.stdout, 'write')
      .mockImplementation((text) => (printed += String(text)) !== '');
    try {
      const copy = ['--save', join(root, 'copy'), '--trust', join(root, 'trust.json')];
      await verifyCommand([server.address, ...copy, '--json']);
    } finally {
      spy.mockRestore();
    }
    return JSON.parse(printed) as AuditReport;
  }
});
