import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  acknowledge,
  act,
  Device,
  exportOrganisation,
  figuresCsv,
  openOrganisationExport,
  openExportedReferrals,
  ownFigures,
  Receipt,
  rememberPaperCode,
  type OrganisationExport,
} from '../../src/client/index.js';
import { referSomebody } from '../../src/cli/demo/referral.js';
import { fromBase64url, utf8 } from '../../src/protocol/encoding/bytes.js';
import { derivePaper, newCode, requireCode } from '../../src/protocol/encoding/codes.js';
import { openGrant } from '../../src/protocol/crypto/grant-open.js';
import { openHandoff, type HandoffInput } from '../../src/protocol/handoff/open-handoff.js';
import { readUnverified } from '../../src/protocol/encoding/signed.js';
import type { Payload } from '../../src/protocol/schemas/signed.js';
import { relais } from '../support/machines/agent.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

const RECORD = { calledName: 'Sam Nobody', reason: 'A wound on the foot.' };

describe('what an organisation takes along', () => {
  let server: FoundedServer;
  let folder: string;
  let kept: string;
  let erased: string;

  beforeAll(async () => {
    server = await givenNetwork();
    folder = mkdtempSync(join(tmpdir(), 'relais-export-'));
    const sent = await referSomebody(server.network, RECORD);
    await acknowledge(server.network.clinique.worker, sent.referral);
    await act(server.network.clinique.worker, sent.referral, { event: 'accept' });
    kept = sent.referral;
    const withdrawn = await referSomebody(server.network, RECORD);
    await (await Receipt.fromCode(server.address, withdrawn.receiptCode)).withdraw();
    erased = withdrawn.referral;
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await server.stop();
  });

  function paperCode(): string {
    return server.network.laRuelle.founder.paperCode;
  }

  /** A colleague’s device as an agent keeps it. */
  function givenState(): string {
    const state = mkdtempSync(join(folder, 'state-'));
    const device = server.network.laRuelle.worker.state;
    writeFileSync(join(state, 'device.json'), JSON.stringify(device), { mode: 0o600 });
    return state;
  }

  it('is made and opened at the command line, with the paper code typed and kept nowhere', async () => {
    const [state, file, opened] = [givenState(), join(folder, 'export'), join(folder, 'opened')];
    const made = await relais(['export', 'make', '--state', state, '--to', file], `${paperCode()}\n`);
    expect(made).toEqual({ code: 0, output: `Written: ${file}\n` });
    const sealed = readFileSync(file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    for (const clear of [kept, 'La Ruelle', 'relais-export', 'eyJ'])
      expect(sealed.includes(clear)).toBe(false);
    expect(readFileSync(join(state, 'device.json'), 'utf8')).not.toContain(paperCode());

    const read = await relais(
      ['export', 'open', file, '--to', opened, '--language', 'fr'],
      `${paperCode()}\n`,
    );
    expect(read).toEqual({ code: 0, output: `Écrit : ${opened}\n` });
    const whole = readFileSync(join(opened, 'export.json'), 'utf8');
    const taken = JSON.parse(whole) as OrganisationExport;
    expect(taken.referrals.map(({ referral }) => referral.referral).sort()).toEqual([kept, erased].sort());
    expect(whole).not.toContain(RECORD.calledName);
    const one = (id: string): unknown =>
      JSON.parse(readFileSync(join(opened, 'referrals', `${id}.json`), 'utf8')) as unknown;
    expect(one(kept)).toMatchObject({ referral: { referral: kept }, opened: { record: RECORD } });
    expect(one(erased)).toMatchObject({ opened: { refused: 'erased' } });
    const page = readFileSync(join(opened, 'index.html'), 'utf8');
    for (const shown of ['<html lang="fr"', 'La Ruelle', RECORD.calledName, RECORD.reason, kept, erased])
      expect(page).toContain(shown);
    for (const name of ['index.html', 'export.json', `referrals/${kept}.json`])
      expect(statSync(join(opened, name)).mode & 0o777).toBe(0o600);
    expect(statSync(opened).mode & 0o777).toBe(0o700);

    const over = await relais(['export', 'open', file, '--to', opened], `${paperCode()}\n`);
    expect(over).toEqual({ code: 1, output: expect.stringContaining('is there already') as unknown });
    const later = await relais(['export', 'make', '--state', state, '--to', `${file}-2`]);
    expect(later.code).toBe(0);
  });

  it('holds status, statements with proofs, devices, and handoffs that the paper code alone opens', async () => {
    const { worker, service } = server.network.laRuelle;
    const device = await Device.start(worker.state);
    await expect(exportOrganisation(device)).rejects.toThrow('refused: paper-code');
    await rememberPaperCode(device, paperCode());
    const taken = openOrganisationExport((await exportOrganisation(device)).file, paperCode());
    expect(taken).toMatchObject({ services: [service], organisation: { name: 'La Ruelle' } });
    expect(taken.devices.length).toBeGreaterThan(1);
    const gone = taken.referrals.find(({ referral }) => referral.referral === erased);
    expect(gone).toMatchObject({ referral: { status: 'cancelled' }, handoff: null });
    expect(gone?.statements).toHaveLength(3);

    const { box } = derivePaper(requireCode(paperCode()));
    const registry = await device.registry();
    const seeds = taken.grants.map((text) => {
      const grant = readUnverified(text).payload as Payload<'key-grant+jws'>;
      const shown = [...registry.serviceKeys.values()].find(({ boxId }) => boxId === grant.boxId)!;
      return openGrant(
        grant,
        { service, epoch: shown.epoch, boxId: fromBase64url(shown.boxId), signKey: shown.key },
        box,
      );
    });
    const { statements, handoff } = taken.referrals.find(({ referral }) => referral.referral === kept)!;
    const sealed = handoff as unknown as Record<'ctx' | 'wrap' | 'body', string> & {
      role: number;
      wrapHashes: string[];
    };
    const input: HandoffInput = {
      statements,
      role: sealed.role,
      ctx: fromBase64url(sealed.ctx),
      wrap: fromBase64url(sealed.wrap),
      wrapHashes: sealed.wrapHashes.map(fromBase64url),
      body: fromBase64url(sealed.body),
    };
    const trust = {
      log: device.consentLog,
      registry,
      policy: device.follower.policy,
      charter: await device.charter(),
    };
    expect({ ...openHandoff(input, seeds[0]!.box, trust).record }).toEqual(RECORD);
  });

  it('opens each handoff by itself: one that does not hold is named, and stops no other', async () => {
    const device = await Device.start(server.network.clinique.worker.state);
    await rememberPaperCode(device, server.network.clinique.founder.paperCode);
    const code = server.network.clinique.founder.paperCode;
    const taken = openOrganisationExport((await exportOrganisation(device)).file, code);
    const [good] = openExportedReferrals(taken, code).filter(({ opened }) => 'record' in opened);
    expect(good).toMatchObject({ opened: { record: RECORD } });
    const whole = taken.referrals.find(({ referral }) => referral.referral === kept)!;
    const change = (more: object) => ({ ...whole, handoff: { ...whole.handoff, ...more } });
    const other = whole.handoff?.['ctx'] as string;
    const referrals = [
      change({ body: other }),
      change({ ctx: other.slice(4) }),
      change({ wrapHashes: 'x' }),
      change({ role: 3 }),
      { ...whole, statements: [] },
      whole,
    ];
    const opened = openExportedReferrals({ ...taken, referrals }, code).map((each) => each.opened);
    expect(opened.map((each) => ('refused' in each ? each.refused : 'opened'))).toEqual([
      'digest',
      expect.stringMatching(/^ctx/),
      'handoff-form',
      'key-not-granted',
      'chain',
      'opened',
    ]);
    const ungranted = openExportedReferrals({ ...taken, grants: [] }, code);
    expect(ungranted.find(({ referral }) => referral.referral === kept)?.opened).toEqual({
      refused: 'key-not-granted',
    });
  });

  it('is not made with another code, nor opened with one, nor from another file', async () => {
    const device = await Device.start(server.network.laRuelle.worker.state);
    const other = server.network.clinique.founder.paperCode;
    for (const code of [newCode(), other])
      await expect(rememberPaperCode(device, code)).rejects.toThrow('refused: paper-code');
    await rememberPaperCode(device, paperCode());
    const { file, refused } = await exportOrganisation(device);
    expect(refused).toEqual([]);
    expect(() => openOrganisationExport(file, other)).toThrow('refused: ctx-consent');
    expect(() => openOrganisationExport(utf8('no export'), paperCode())).toThrow('refused: export-form');
    const wrong = await relais(
      ['export', 'make', '--state', givenState(), '--to', join(folder, 'x')],
      'ABC\n',
    );
    expect(wrong.code).toBe(1);
    const argument = await relais(['export', 'open', join(folder, 'x'), paperCode(), '--to', 'y']);
    expect(argument.code).toBe(2);
    expect(argument.output).not.toContain(paperCode());
  });
});

describe('an organisation’s own figures', () => {
  let server: FoundedServer;
  beforeAll(async () => {
    server = await givenNetwork();
    const { clinique } = server.network;
    const referrals: string[] = [];
    for (let i = 0; i < 3; i++) referrals.push((await referSomebody(server.network, RECORD)).referral);
    for (const referral of referrals.slice(0, 2))
      await act(clinique.worker, referral, { event: 'decline', statusReason: 'no-capacity' });
  });
  afterAll(() => server.stop());

  it('count each month’s states and reasons, exactly, on either side', async () => {
    const { laRuelle, clinique } = server.network;
    const month = (await laRuelle.worker.today()).slice(0, 7);
    const [sent, received] = [await ownFigures(laRuelle.worker), await ownFigures(clinique.worker)];
    const common = { month, outcome: '' };
    const expected = [
      { ...common, status: 'rejected', reason: 'no-capacity', count: 2 },
      { ...common, status: 'requested', reason: '', count: 1 },
    ];
    expect(sent).toEqual(expected.map((each) => ({ ...each, box: 'outbox', service: laRuelle.service })));
    expect(received).toEqual(expected.map((each) => ({ ...each, box: 'inbox', service: clinique.service })));
  });

  it.each([
    ['en', 'month,received or sent,service,status,reason,outcome,number', 'received'],
    ['fr', 'mois,reçu ou envoyé,service,statut,motif,résultat,nombre', 'reçu'],
    ['nl', 'maand,ontvangen of verzonden,dienst,status,reden,resultaat,aantal', 'ontvangen'],
  ] as const)('are a table in %s', async (language, header, side) => {
    const { worker } = server.network.clinique;
    const lines = (await figuresCsv(worker, language)).split('\r\n');
    expect(lines[0]).toBe(header);
    expect(lines[1]).toMatch(
      new RegExp(`^[0-9-]{7},${side},Clinique du Canal — accueil,rejected,no-capacity,,2$`),
    );
    expect(lines).toHaveLength(4);
  });
});
