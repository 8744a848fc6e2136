import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  acknowledge,
  canonicalText,
  certifyRequests,
  type Device,
  exportCase,
  fetchFinalProofs,
  fetchProofs,
  findService,
  invite,
  isPublished,
  Joining,
  maintainKeys,
  missingWitnesses,
  openReferral,
  vouchForWebApp,
} from '../../src/client/index.js';
import { verifyCommand } from '../../src/cli/verify.js';
import type { AuditReport } from '../../src/protocol/audit/report.js';
import { parseProof } from '../../src/protocol/log/proof.js';
import { readUnverified } from '../../src/protocol/encoding/signed.js';
import { until } from '../support/machines/database.js';
import { givenReferral } from '../support/network/makers.js';
import { givenOldYearsEve, type OldYearsEve } from '../support/network/new-year.js';
import { givenPullWitness, givenPushWitness } from '../support/log/witness.js';

/** Each year has its own pair of logs. Nobody who works on the night of the 31st notices. */
describe('a network at New Year', () => {
  let server: OldYearsEve;
  let pull: Awaited<ReturnType<typeof givenPullWitness>>;
  let push: Awaited<ReturnType<typeof givenPushWitness>>;
  let stopPush: () => Promise<void>;
  /** A device that was switched off on the 30th. */
  let asleep: Device['state'];
  /** Sent and received in the old year; sent in the old and received in the new one; all in the new one. */
  const referrals = { old: '', across: '', young: '' };
  let withdraw: () => Promise<unknown>;
  const root = mkdtempSync(join(tmpdir(), 'relais-new-year-'));

  beforeAll(async () => {
    server = await givenOldYearsEve();
    const { laRuelle, clinique, trust } = server.network;
    push = await givenPushWitness(trust, laRuelle, server.clock);
    stopPush = await push.start();
    pull = await givenPullWitness(trust, clinique, server.clock);
    const old = await givenReferral(server, 'received');
    referrals.old = old.referral;
    withdraw = () => old.receipt.withdraw();
    referrals.across = (await givenReferral(server, 'requested')).referral;
    await fetchProofs(clinique.worker, referrals.across);
    await seen();
    asleep = clinique.worker.state;
  }, 120_000);
  afterAll(async () => {
    await stopPush();
    await server.stop();
    for (const { remove } of [pull, push]) remove();
    rmSync(root, { recursive: true });
  });

  /** Both witnesses have seen the newest trees. */
  async function seen(): Promise<void> {
    await until(async () => (await pull.pull()).every(({ witnessed }) => witnessed));
  }

  const typOf = (entry: string): string => readUnverified(entry).header.typ;

  it('ends both logs and begins two new ones, which tie on', async () => {
    await server.passDays(3);
    const { coordinator } = server.network.laRuelle;
    await until(async () => (await coordinator.registry()).years[0]?.closed !== undefined);
    const { entries, years } = await coordinator.registry();
    expect(years).toHaveLength(1);
    expect(years[0]?.registry.name).toMatch(new RegExp(`/registry/${server.year + 1}$`));
    expect(entries.slice((years[0]?.first ?? 0) - 1).map(typOf)).toEqual(['log-key+jws', 'log-opening+jws']);
    // the last tree of the old consent log is public, and says no more than any other
    expect(Number(years[0]?.closed?.consent.size) % 64).toBe(0);
    const note = await coordinator.transport.bytes(`/log/consent/${server.year}/cosignatures`);
    expect(new TextDecoder().decode(note).split('\n')[1]).toBe(String(years[0]?.closed?.consent.size));
  });

  it('takes in January what was sent in December', async () => {
    const { clinique } = server.network;
    for (const { coordinator } of [server.network.laRuelle, clinique]) await maintainKeys(coordinator);
    for (const { worker } of [server.network.laRuelle, clinique]) await worker.takeGrants();
    await acknowledge(clinique.worker, referrals.across);
    expect((await openReferral(clinique.worker, referrals.across)).record['calledName']).toBe('Sam');
    const origins = (await fetchProofs(clinique.worker, referrals.across)).map(
      ({ proof }) => parseProof(proof).checkpoint.split('\n')[0] ?? '',
    );
    expect(origins.map((origin) => Number(origin.slice(-4)) - server.year)).toEqual([0, 0, 1]);
    await withdraw();
    referrals.young = (await givenReferral(server, 'received')).referral;
    expect(await findService(server.network.laRuelle.worker, clinique.service)).toBeDefined();
  });

  it('is followed by a device that slept over it, and by one that joins afterwards', async () => {
    const { clinique } = server.network;
    const awake = await server.start(asleep);
    await awake.takeGrants();
    expect((await openReferral(awake, referrals.young)).record['calledName']).toBe('Sam');
    expect((await openReferral(awake, referrals.across)).record['calledName']).toBe('Sam');
    const code = await invite(clinique.coordinator, { role: 'worker', services: [clinique.service] });
    const joining = await Joining.ask(server.address, code);
    await certifyRequests(clinique.coordinator);
    const state = await joining.finish();
    if (!state) throw new Error('the device was not certified');
    const joined = await server.start(state);
    await joined.takeGrants();
    expect((await joined.registry()).years).toHaveLength(1);
    expect((await openReferral(joined, referrals.young)).record['calledName']).toBe('Sam');
    expect(await fetchProofs(joined, referrals.across)).toHaveLength(3);
  });

  it('goes on in its registry', async () => {
    const { coordinator } = server.network.laRuelle;
    const before = (await coordinator.registry()).entries.length;
    await vouchForWebApp(coordinator, await (await fetch(`${server.address}/web-app.sha256`)).text());
    const { entries, webApps } = await coordinator.registry();
    expect([entries.length, webApps.size]).toEqual([before + 1, 1]);
  });

  it('is seen by the witnesses that watched the old logs', async () => {
    const { laRuelle } = server.network;
    for (const referral of Object.values(referrals))
      await until(async () => {
        await pull.pull();
        return (await fetchFinalProofs(laRuelle.worker, referral)) !== undefined;
      });
    expect((await pull.pull()).map(({ directory }) => directory)).toEqual(
      [server.year, server.year + 1].flatMap((year) => [`registry/${year}`, `consent/${year}`]),
    );
    await until(async () => (await missingWitnesses(laRuelle.coordinator)).length === 0);
    const { unwitnessedSince } = (await (await fetch(`${server.address}/v1/network`)).json()) as {
      unwitnessedSince: unknown;
    };
    expect(unwitnessedSince).toBeNull();
  });

  it('is verified with the trust file of the founding, over both years', async () => {
    const { laRuelle, clinique, trust } = server.network;
    mkdirSync(join(root, 'cases'));
    for (const [i, referral] of Object.values(referrals).entries()) {
      await until(async () => (await pull.pull()).length > 0 && isPublished(laRuelle.worker, referral));
      const holder = referral === referrals.old ? undefined : clinique.worker;
      if (holder)
        writeFileSync(join(root, `cases/${i}.json`), canonicalText(await exportCase(holder, referral)));
    }
    writeFileSync(join(root, 'trust.json'), JSON.stringify(trust));
    const report = await verify(server.address, '--save', join(root, 'copy'), '--cases', join(root, 'cases'));
    expect(report).toMatchObject({ sound: true, violations: [], witnessed: true });
    // a witness's own copy says the same
    expect(await verify(pull.mirror)).toMatchObject({ sound: true, violations: [], witnessed: true });
  });

  async function verify(...args: string[]): Promise<AuditReport> {
    let printed = '';
    const spy = jest
      .spyOn(process.stdout, 'write')
      .mockImplementation((text) => (printed += String(text)) !== '');
    try {
      await verifyCommand([...args, '--trust', join(root, 'trust.json'), '--json']);
    } finally {
      spy.mockRestore();
    }
    return JSON.parse(printed) as AuditReport;
  }
});
