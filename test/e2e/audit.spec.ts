import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  answerAudits,
  certifyRequests,
  challengeLog,
  collectAudit,
  Device,
  fetchFinalProofs,
  invite,
  Joining,
  reportErasures,
} from '../../src/client/index.js';
import { auditCommand } from '../../src/cli/audit.js';
import { verifyCommand } from '../../src/cli/verify.js';
import type { AuditReport } from '../../src/protocol/audit/report.js';
import { asOwner, until } from '../support/machines/database.js';
import { givenReferral } from '../support/network/makers.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';
import { THIS_YEAR } from '../support/log/this-year.js';

/** Statements that are in no published tree yet. */
const UNPUBLISHED = `SELECT id FROM log_pending UNION ALL SELECT p.pending FROM log_position p
  WHERE p.index >= (SELECT max(c.size) FROM log_checkpoint c WHERE c.log = p.log)`;

/** An auditor whom the charter appoints looks at leaves that nobody could choose. */
describe('an auditor', () => {
  let server: FoundedServer;
  let auditor: Device;
  let printed = '';
  const root = mkdtempSync(join(tmpdir(), 'relais-e2e-audit-'));
  const state = join(root, 'state');

  beforeAll(async () => {
    server = await givenNetwork(undefined, ([first = '']) => ({ auditors: [first] }));
    const { laRuelle, clinique, trust } = server.network;
    const kept = await givenReferral(server, 'received');
    const left = await givenReferral(server, 'received');
    await left.receipt.withdraw();
    for (const { worker, service } of [laRuelle, clinique])
      await until(
        async () => (await reportErasures(worker, service, () => Promise.resolve())).done.length > 0,
      );
    for (const { referral } of [kept, left])
      await until(async () => (await fetchFinalProofs(laRuelle.worker, referral)) !== undefined);
    // and the services' words on what they have erased: what is drawn is drawn in a tree that was published
    await until(async () => (await asOwner(server.urls, UNPUBLISHED)).length === 0);
    auditor = await enrolAuditor(laRuelle.coordinator);
    writeFileSync(join(root, 'trust.json'), JSON.stringify(trust));
  });
  afterAll(async () => {
    rmSync(root, { recursive: true });
    await server.stop();
  });
  beforeEach(() => {
    printed = '';
    for (const stream of [process.stdout, process.stderr])
      jest.spyOn(stream, 'write').mockImplementation((text) => (printed += String(text)) !== '');
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  async function enrolAuditor(coordinator: Device): Promise<Device> {
    const joining = await Joining.ask(
      server.address,
      await invite(coordinator, { role: 'auditor', services: [] }),
    );
    await certifyRequests(coordinator);
    const joined = await joining.finish();
    if (!joined) throw new Error('the auditor was not certified');
    return Device.start(joined);
  }

  const relaisAudit = (...args: string[]) => auditCommand([...args, '--state', state]);

  /** Draws every leaf there is, lets these answer, and audits what came back. */
  async function audit(holders: readonly Device[]): Promise<AuditReport> {
    const { mkdirSync } = await import('node:fs');
    mkdirSync(state, { recursive: true, mode: 0o700 });
    writeFileSync(join(state, 'device.json'), JSON.stringify(auditor.state), { mode: 0o600 });
    expect(await relaisAudit('draw', '--count', '299')).toBe(0);
    const [id = ''] = printed.split('\n');
    for (const holder of holders) expect((await answerAudits(holder)).refused).toEqual([]);
    const to = join(root, id);
    expect(await relaisAudit('collect', id, '--to', to)).toBe(0);
    printed = '';
    const place = [server.address, '--save', join(root, `copy-${id}`), '--trust', join(root, 'trust.json')];
    const code = await verifyCommand([
      ...place,
      '--cases',
      join(to, 'cases'),
      '--sample',
      join(to, 'sample.json'),
      '--json',
    ]);
    const report = JSON.parse(printed) as AuditReport;
    expect([report.violations, code]).toEqual([[], 0]);
    return report;
  }

  it('is told by the holders what each drawn leaf is', async () => {
    const { laRuelle, clinique } = server.network;
    const { sample, gaps } = await audit([laRuelle.worker, clinique.worker]);
    expect(sample?.unanswered).toEqual([]);
    // given, released, received, twice, a withdrawal, and two words on what was erased
    expect(sample).toMatchObject({ statements: 9, asked: expect.any(Number) as unknown });
    expect((sample?.pads ?? 0) + (sample?.anchors ?? 0)).toBe((sample?.asked ?? 0) - 9);
    const open = gaps.map(({ gap }) => gap);
    for (const gap of ['samples', 'unanswered', 'erasure', 'no-cases']) expect(open).not.toContain(gap);
  });

  it('sees which leaves nobody has shown, and the services that are silent', async () => {
    const { sample, gaps } = await audit([server.network.laRuelle.worker]);
    // of what one service alone can show, its word on what it has erased, the other’s is missing
    expect(sample?.unanswered).toHaveLength(1);
    expect(gaps).toContainEqual({ gap: 'unanswered', count: 1 });
    expect(printed).toContain('"unanswered"');
  });

  it('draws the leaves that anybody can draw again, in a tree that was published', async () => {
    const { audit: id } = await challengeLog(auditor, 7);
    const { sample, silent } = await collectAudit(auditor, id);
    expect(sample.count).toBe(7);
    expect(silent.length).toBeGreaterThanOrEqual(0);
    const body = { nonce: sample.nonce, year: THIS_YEAR, size: 3, count: 7 };
    const post = auditor.session.send({ method: 'POST', path: '/v1/audits', idempotencyKey: id, body });
    await expect(post).rejects.toMatchObject({ status: 404 });
  });

  it('is nobody whom the charter does not appoint', async () => {
    await expect(enrolAuditor(server.network.clinique.coordinator)).rejects.toMatchObject({
      check: 'role',
    });
  });

  it('is asked by the command for what it lacks', async () => {
    for (const args of [[], ['draw', 'x'], ['collect'], ['collect', 'x']])
      expect(await relaisAudit(...args)).toBe(2);
    expect(printed).toContain('relais audit: One of these words must follow: draw, collect.');
    expect(readFileSync(join(state, 'device.json'), 'utf8')).toContain('"auditor"');
  });
});
