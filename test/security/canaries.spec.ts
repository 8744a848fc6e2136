import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  acknowledge,
  act,
  copyPublicLog,
  findService,
  isPublished,
  openReferral,
  Receipt,
  recordConsent,
  sealReferral,
  sendMessage,
  sendReferral,
  uploadAttachment,
} from '../../src/client/index.js';
import type { HandoffRecord } from '../../src/protocol/schemas/handoff-record.js';
import { dumpValues } from '../support/machines/dump.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

/**
 * Words that occur nowhere by chance; each stands where something about a person, or about how they spoke,
 * would.
 */
const CANARIES = {
  calledName: 'Zibeline Quetzal',
  contactValue: 'xylophone-0470-canary',
  safeTimes: 'vespertine-hours',
  reason: 'quixotic-ailment-of-the-knee',
  servicesRequested: 'zeppelin-dentistry',
  alreadyDone: 'jacaranda-shelter-asked',
  safetyNotes: 'obsidian-caution',
  referrerContact: 'marzipan-desk',
  interpreter: 'interpreter-kumquat',
  alternative: 'alternative-persimmon',
  message: 'tamarind-at-ten-oclock',
  file: 'cinnabar-letter-of-the-hospital',
  fileType: 'application/x-rambutan',
};
/** Not words but facts that would single somebody out: they too stay inside. */
const FACTS = [
  'guardian-mena',
  'signed-language',
  'spokenLanguages',
  'interpreterNeeded',
  'contactMode',
  'calledName',
  '"nl"',
  'tig-ER',
];
/** The language of the consent, in a column of its own. */
const LANGUAGE = /^\{?"?nl"?\}?$/;

const RECORD: HandoffRecord = {
  calledName: CANARIES.calledName,
  contactMode: { mode: 'phone', safeTimes: CANARIES.safeTimes, mayLeaveMessage: false },
  contactValue: CANARIES.contactValue,
  spokenLanguages: ['tig-ER', 'nl'],
  interpreterNeeded: true,
  servicesRequested: [CANARIES.servicesRequested],
  reason: CANARIES.reason,
  alreadyDone: [CANARIES.alreadyDone],
  safetyNotes: CANARIES.safetyNotes,
  referrerContact: CANARIES.referrerContact,
};

describe('what a run leaves behind', () => {
  let server: FoundedServer;
  let code: string;
  const publicLog: string[] = [];

  beforeAll(async () => {
    server = await givenNetwork();
    const { laRuelle, clinique } = server.network;
    for (let i = 0; i < 2; i++) {
      const consent = recordConsent(await laRuelle.worker.charter(), await laRuelle.worker.today(), {
        purpose: 'health-care',
        fields: [...Object.keys(RECORD), 'attachments'],
        language: 'nl',
        modality: 'signed-language',
        interpreter: CANARIES.interpreter,
        representation: 'guardian-mena',
        alternativesOffered: [CANARIES.alternative],
        teachBack: true,
      });
      const to = await findService(laRuelle.worker, clinique.service);
      const attachments = [{ content: new Blob([CANARIES.file]), type: CANARIES.fileType }];
      const send = {
        from: laRuelle.service,
        to,
        consent,
        record: RECORD,
        priority: 'routine',
        attachments,
      } as const;
      const { sealed, receiptCode, files } = await sealReferral(laRuelle.worker, send);
      for (const file of files) await uploadAttachment(laRuelle.worker, file);
      await sendReferral(laRuelle.worker, sealed);
      await acknowledge(clinique.worker, sealed.referral);
      expect((await openReferral(clinique.worker, sealed.referral)).record['calledName']).toBe(
        CANARIES.calledName,
      );
      await sendMessage(clinique.worker, sealed.referral, CANARIES.message);
      await act(clinique.worker, sealed.referral, { event: 'accept' });
      code = receiptCode;
      if (i === 1) await (await Receipt.fromCode(server.address, receiptCode)).withdraw();
      while (!(await isPublished(laRuelle.worker, sealed.referral)))
        await new Promise((done) => setTimeout(done, 300));
    }
    const { transport } = laRuelle.worker;
    await copyPublicLog(transport, server.network.trust, (path, bytes) => {
      publicLog.push(path, Buffer.from(bytes).toString('latin1'), Buffer.from(bytes).toString('utf8'));
    });
    await fetch(
      `${server.address}/v1/referrals/${encodeURIComponent(CANARIES.reason)}?q=${CANARIES.safeTimes}`,
    );
    await fetch(`${server.address}/v1/receipts/withdrawals`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ statement: { jws: CANARIES.calledName, opening: CANARIES.reason } }),
    });
  });
  afterAll(() => server.stop());

  it('holds no word, language, representation or field name of a person in the whole database', async () => {
    const values = await dumpValues(server.urls);
    const found = values.filter(
      ({ value, table }) => table !== 'charter_version' && (LANGUAGE.test(value) || isIn(readable(value))),
    );
    expect(found.map(({ table, column }) => `${table}.${column}`)).toEqual([]);
    expect(values.length).toBeGreaterThan(200);
  });

  it('holds none in anything that the server has written', () => {
    const output = server.output();
    expect(output.length).toBeGreaterThan(1000);
    expect(isIn(output)).toBe(false);
    expect(output).not.toMatch(/\/v1\/referrals\/[0-9a-f]{8}-/);
    expect(output).not.toContain('127.0.0.1');
  });

  it('holds none in the public log', () => {
    expect(publicLog.some((text) => !text.includes('"purposes"') && isIn(text))).toBe(false);
  });

  it('holds the receipt code nowhere', async () => {
    const bare = code.replaceAll('-', '');
    for (const { value } of await dumpValues(server.urls)) {
      expect(readable(value).includes(code)).toBe(false);
      expect(readable(value).includes(bare)).toBe(false);
    }
    expect(server.output()).not.toContain(code);
  });
});

function isIn(text: string): boolean {
  return [...Object.values(CANARIES), ...FACTS].some((canary) => text.includes(canary));
}

/** A value as it stands, its bytes as text, and what its signed objects say. */
function readable(value: string): string {
  const bytes = value.startsWith('\\x') ? Buffer.from(value.slice(2), 'hex') : Buffer.from(value);
  const text = bytes.toString('utf8');
  const parts = text.split('.').map((part) => Buffer.from(part, 'base64url').toString('utf8'));
  return [value, text, bytes.toString('latin1'), ...parts].join('\n');
}
