import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  acknowledge,
  defaultCharter,
  Device,
  findService,
  maintainKeys,
  noticeText,
  openReferral,
  recordConsent,
  sealReferral,
  sendReferral,
  type Decision,
} from '../../src/client/index.js';
import { monthOf } from '../../src/client/device/days.js';
import { textHash } from '../../src/protocol/registry/charter.js';
import refer1 from '../../src/protocol/consent/notices/refer-1.json' with { type: 'json' };
import type { HandoffRecord } from '../../src/protocol/schemas/handoff-record.js';
import { shiftClock } from '../support/machines/database.js';
import { DECISION, deliver, foundUnder, sealDraft, type Party } from '../support/network/drafts.js';
import { inDays } from '../support/network/founders.js';
import { givenNetwork, givenServerProcess, type FoundedServer } from '../support/machines/process.js';

const DAY_MS = 86_400_000;
const TODAY = '2026-11-25';
const charter = defaultCharter('Réseau d’essai', []);

describe('a person’s decision', () => {
  it.each<[string, object]>([
    ['that was not said back', { teachBack: false }],
    ['in no known modality', { modality: 'ticked' }],
    ['with a name for the interpreter', { modality: 'signed-language', interpreter: 'Ms Example' }],
    ['about a field without a name', { fields: [''] }],
  ])('is not recorded %s', (_, change) => {
    const decision = { ...DECISION, ...change } as Decision;
    expect(() => recordConsent(charter, TODAY, decision)).toThrow(
      expect.objectContaining({ check: 'consent-record' }),
    );
  });

  it.each([
    ['spoken', {}],
    ['written', {}],
    ['spoken-via-interpreter', { interpreter: 'interpreter-service-04' }],
    ['signed-language', {}],
    ['signed-language', { interpreter: 'interpreter-service-04' }],
    ['pictogram', {}],
    ['own-code', {}],
    ['own-code', { representation: 'minor-with-discernment' }],
    ['telephone', { representation: 'mandate' }],
    ['spoken', { representation: 'guardian-mena' }],
    ['spoken', { representation: 'parent-with-assent' }],
    ['written', { representation: 'administrator-of-the-person' }],
  ] as const)('is recorded as it was made: %s %j', (modality, more) => {
    const { interpreter: _, ...plain } = DECISION;
    expect(recordConsent(charter, TODAY, { ...plain, modality, ...more })).toMatchObject({
      modality,
      ...more,
    });
  });

  it.each([
    ['an interpreter without their service', { modality: 'spoken-via-interpreter' }, 'interpreter'],
    [
      'an interpreter where nobody interprets',
      { modality: 'written', interpreter: 'service-04' },
      'interpreter',
    ],
    [
      'another’s decision by the own code',
      { modality: 'own-code', representation: 'mandate' },
      'representation',
    ],
  ] as const)('is not recorded as two things at once: %s', (_, change, check) => {
    const { interpreter: __, ...plain } = DECISION;
    expect(() => recordConsent(charter, TODAY, { ...plain, ...change })).toThrow(
      expect.objectContaining({ check }),
    );
  });

  it.each(['en', 'fr', 'nl', 'ar'])('is asked for in plain words, whole, in %s', (language) => {
    const text = noticeText(charter, language);
    expect(text.split('\n')).toHaveLength(8);
    expect(recordConsent(charter, TODAY, { ...DECISION, language }).notice.sha256).toBe(textHash(text));
  });

  it('is not recorded for longer than the charter allows, or to be kept for less time than to be sent', () => {
    for (const change of [{ sendUntilDays: 31 }, { keepUntilDays: 366 }, { keepUntilDays: 13 }])
      expect(() => recordConsent(charter, TODAY, { ...DECISION, ...change })).toThrow(
        expect.objectContaining({ check: 'dates' }),
      );
    const longest = { sendUntilDays: 30, keepUntilDays: 365 };
    expect(recordConsent(charter, TODAY, { ...DECISION, ...longest })).toMatchObject({
      sendUntil: '2026-12-25',
      keepUntil: '2027-11-25',
    });
  });

  const sha256 = textHash('Another text.');
  const voted = {
    ...charter,
    notices: { ...charter.notices, 'photo@4': { fr: sha256 }, 'refer@2': { en: sha256 } },
  };

  it('names the newest version of the notice that was read, whatever other notices there are', () => {
    expect(recordConsent(voted, TODAY, DECISION).notice).toMatchObject({ family: 'refer', version: 1 });
    const english = recordConsent(voted, TODAY, { ...DECISION, language: 'en' });
    expect(english.notice).toMatchObject({ family: 'refer', version: 2, sha256 });
    const photo = recordConsent(voted, TODAY, { ...DECISION, notice: 'photo' });
    expect(photo.notice).toMatchObject({ family: 'photo', version: 4, sha256 });
    expect(() => recordConsent(voted, TODAY, { ...DECISION, notice: 'video' })).toThrow(
      expect.objectContaining({ check: 'notice' }),
    );
  });

  it('is read out from the very text that the network voted, or from none', () => {
    for (const language of ['en', 'fr', 'nl'])
      expect(noticeText(charter, language)).toBe((refer1 as Readonly<Record<string, string>>)[language]);
    expect(textHash(noticeText(charter, 'fr'))).toBe(recordConsent(charter, TODAY, DECISION).notice.sha256);
    const reworded = { ...charter, notices: { 'refer@1': { fr: sha256 } } };
    for (const [of, language] of [
      [reworded, 'fr'],
      [voted, 'en'],
      [charter, 'de'],
    ] as const)
      expect(() => noticeText(of, language)).toThrow(expect.objectContaining({ check: 'notice' }));
    expect(() => noticeText(voted, 'fr', 'photo')).toThrow(expect.objectContaining({ check: 'notice' }));
  });
});

describe('a consent that waits to be sent', () => {
  let server: FoundedServer;
  let today: string;

  beforeAll(async () => {
    server = await givenNetwork();
    today = await server.network.laRuelle.worker.today();
  });
  afterEach(() => shiftClock(server.urls, '0 days'));
  afterAll(() => server.stop());

  const worker = (): Party => ({
    device: server.network.laRuelle.worker,
    service: server.network.laRuelle.service,
  });
  const clinique = () => server.network.clinique;

  it('is sent eight days later: the consent keeps its day, the release has the day of sealing', async () => {
    const day = inDays(today, -8);
    const opened = await deliver({ from: worker(), to: clinique().service, day }, clinique().worker);
    expect(opened.record['calledName']).toBe('Sam');
    expect(opened.consentRecord).toMatchObject({ day, sendUntil: inDays(today, 6) });
    expect([opened.chain.given.day, opened.chain.released?.day]).toEqual([day, today]);
  });

  it('is sent in the month after the one in which it was recorded', async () => {
    const turn = monthOf(today, 1).from;
    const days = (Date.parse(turn) - Date.parse(today)) / DAY_MS;
    await shiftClock(server.urls, `${days} days`);
    for (const { coordinator } of [server.network.laRuelle, clinique()])
      await maintainKeys(await Device.start(coordinator.state));
    const from = { ...worker(), device: await Device.start(worker().device.state) };
    const receiver = await Device.start(clinique().worker.state);
    const opened = await deliver({ from, to: clinique().service, day: inDays(turn, -1) }, receiver);
    expect([opened.chain.given.day, opened.chain.released?.day]).toEqual([inDays(turn, -1), turn]);
  });

  it('is not sealed after its last day for sending, nor before it was recorded', async () => {
    for (const day of [inDays(today, -15), inDays(today, 1)])
      await expect(sealDraft({ from: worker(), to: clinique().service, day })).rejects.toMatchObject({
        check: 'dates',
      });
  });

  it('is not sealed where nothing was said back, whoever wrote the record', async () => {
    const { device, service } = worker();
    const consent = recordConsent(await device.charter(), today, DECISION);
    const to = await findService(device, clinique().service);
    const draft = { from: service, to, record: { calledName: 'Sam' }, priority: 'routine' as const };
    const untrue = { ...consent, teachBack: false as unknown as true };
    await expect(sealReferral(device, { ...draft, consent: untrue })).rejects.toMatchObject({
      check: 'consent-record',
    });
    await expect(sealReferral(device, { ...draft, consent })).resolves.toBeDefined();
  });

  it('to other words than the network has voted is not sealed; where a sender seals it all the same, not opened', async () => {
    const { device, service } = worker();
    const receiver = clinique().worker;
    const consent = recordConsent(await device.charter(), today, DECISION);
    const sha256 = textHash('Whatever you like.');
    const other = { ...consent, notice: { ...consent.notice, sha256 } };
    const to = await findService(device, clinique().service);
    const draft = { from: service, to, record: { calledName: 'Sam' }, priority: 'routine' as const };
    await expect(sealReferral(device, { ...draft, consent: other })).rejects.toMatchObject({
      check: 'notice',
    });
    const hostile = await Device.start(device.state);
    const honest = await hostile.charter();
    hostile.charter = () => Promise.resolve({ ...honest, notices: { 'refer@1': { fr: sha256 } } });
    const { sealed } = await sealReferral(hostile, { ...draft, consent: other });
    await sendReferral(hostile, sealed);
    await acknowledge(receiver, sealed.referral);
    await expect(openReferral(receiver, sealed.referral)).rejects.toMatchObject({ check: 'notice' });
  });

  it.each<[string, object]>([
    ['a story in place of a reason', { reason: 'x'.repeat(501) }],
    ['a contact of no known mode', { contactMode: { mode: 'pigeon' } }],
    ['an attachment without its key', { attachments: [{ id: 'x' }] }],
  ])('is not sealed with %s', async (_, record) => {
    const draft = { from: worker(), to: clinique().service, record: record as HandoffRecord };
    await expect(sealDraft(draft)).rejects.toMatchObject({ check: 'schema' });
  });
});

describe('what a network has voted that no handoff may carry', () => {
  it('is refused but to the services that it has voted an exception for', async () => {
    const server = await givenServerProcess();
    try {
      const [ruelle, clinique] = await foundUnder(server, ([, target = '']) => ({
        refusedFields: [
          { field: 'nationality', exceptFor: [target] },
          { field: 'photo', exceptFor: [] },
          { field: 'commune', exceptFor: [] },
        ],
      }));
      const to = clinique.service;
      const record = { nationality: 'x' } as HandoffRecord;
      expect((await deliver({ from: ruelle, to, record }, clinique.device)).record).toEqual(record);
      for (const refused of [{ photo: 'x' }, { commune: 'x' }, { dateOfBirth: 'x' }] as HandoffRecord[])
        await expect(sealDraft({ from: ruelle, to, record: refused })).rejects.toMatchObject({
          check: 'refused-field',
        });
      const back = { from: clinique, to: ruelle.service, record };
      await expect(sealDraft(back)).rejects.toMatchObject({ check: 'refused-field' });
      const long = { nationality: 'x'.repeat(501) } as HandoffRecord;
      await expect(sealDraft({ from: ruelle, to, record: long })).rejects.toMatchObject({ check: 'schema' });
    } finally {
      await server.stop();
    }
  });
});
