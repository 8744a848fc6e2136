import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  act,
  fetchProofs,
  findService,
  getReferral,
  listMessages,
  Receipt,
  recordConsent,
  reportErasures,
  sealReferral,
  sendMessage,
  sendReferral,
  uploadAttachment,
  withdrawOnRequest,
} from '../../src/client/index.js';
import { addDays } from '../../src/protocol/encoding/days.js';
import { asOwner, shiftClock, until } from '../support/machines/database.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';
import { CANARIES, givenReceipt } from '../support/network/receipts.js';

describe('a person with a paper', () => {
  let server: FoundedServer;

  beforeAll(async () => {
    server = await givenNetwork();
  });
  afterAll(() => server.stop());

  const source = () => server.network.laRuelle;
  const target = () => server.network.clinique;

  async function opened(wish: Parameters<typeof givenReceipt>[1] = {}) {
    const { referral, code } = await givenReceipt(server, { isOpened: true, ...wish });
    const receipt = await Receipt.fromCode(server.address, code);
    return { referral, receipt, page: await receipt.open(wish.word) };
  }

  it('sees where it stands, between whom, until when, and who has opened it on which day', async () => {
    const { referral, page } = await opened();
    const today = await source().worker.today();
    expect(await page.story()).toEqual({
      referral,
      kind: 'referral',
      status: 'received',
      statusReason: null,
      outcome: null,
      businessStatus: null,
      today,
      source: {
        service: { id: source().service, name: expect.any(String) as unknown },
        organisation: { id: source().founder.public.id, name: 'La Ruelle' },
      },
      target: {
        service: { id: target().service, name: expect.any(String) as unknown },
        organisation: { id: target().founder.public.id, name: 'Clinique du Canal' },
      },
      purpose: 'health-care',
      notice: 'refer@1',
      given: today,
      sendUntil: addDays(today, 14),
      keepUntil: expect.any(String) as unknown,
      disclosures: [{ service: target().service, day: today }],
      renewals: [],
      withdrawn: null,
      invalidated: null,
      erased: { source: false, target: false },
      contentKept: true,
      feedbackGiven: false,
      renewableUntil: expect.any(String) as unknown,
    });
  });

  it('reads what was said about them, and the very notice that was read to them', async () => {
    const { page } = await opened();
    const shared = await page.shared();
    expect(shared?.record).toEqual({ calledName: CANARIES.name, reason: CANARIES.reason });
    expect(shared?.consentRecord).toMatchObject({ language: 'fr', modality: 'spoken', teachBack: true });
    expect(shared?.notice).toContain('Ce qui se passe si vous dites oui');
  });

  it('needs the word as well where they chose one; the paper alone names nobody, and takes it back', async () => {
    const { referral, code } = await givenReceipt(server, { word: 'Tsehay', isOpened: true });
    const receipt = await Receipt.fromCode(server.address, code);
    const status = await receipt.status();
    expect(status).toMatchObject({ status: 'received', wordNeeded: true, referral });
    expect(JSON.stringify(status)).not.toMatch(new RegExp(`${target().service}|${source().service}`));
    for (const word of [undefined, 'tsehai'])
      await expect(receipt.open(word)).rejects.toMatchObject({ code: 'not_found' });
    const page = await receipt.open('  TSEHAY ');
    expect((await page.shared())?.record['calledName']).toBe(CANARIES.name);
    expect((await receipt.withdraw()).status).toBe('cancelled');
  });

  it('writes to both services, reads what they write, and asks for a correction', async () => {
    const { referral, page } = await opened();
    await sendMessage(target().worker, referral, 'Come on Monday.');
    await page.write('On Tuesday?');
    await sendMessage(source().worker, referral, 'Tuesday is well.');
    await page.write('My name is written otherwise.', 'correction');
    const thread = [
      { side: 'target', text: 'Come on Monday.' },
      { side: 'person', text: 'On Tuesday?' },
      { side: 'source', text: 'Tuesday is well.' },
      { side: 'person', text: 'My name is written otherwise.', kind: 'correction' },
    ];
    expect(await page.messages()).toMatchObject(thread);
    for (const device of [source().worker, target().worker])
      expect(await listMessages(device, referral)).toMatchObject(thread);
  });

  it('lets it be kept longer, by their own signature, within what the charter allows', async () => {
    const { referral, page } = await opened();
    const { renewableUntil, keepUntil } = await page.story();
    const latest = renewableUntil ?? '';
    await expect(page.renew(addDays(latest, 1))).rejects.toMatchObject({ code: 'consent_mismatch' });
    const story = await page.renew(latest);
    expect(latest > keepUntil).toBe(true);
    expect(story).toMatchObject({
      keepUntil: latest,
      renewableUntil: null,
      renewals: [{ keepUntil: latest }],
    });
    const statements = await fetchProofs(target().worker, referral);
    expect(statements).toHaveLength(4);
    await expect(page.renew(latest)).rejects.toMatchObject({ code: 'statement_invalid' });
  });

  it('opens the files that were passed on', async () => {
    const { worker } = source();
    const consent = recordConsent(await worker.charter(), await worker.today(), {
      purpose: 'health-care',
      fields: ['attachments'],
      language: 'fr',
      modality: 'written',
      representation: 'none',
      alternativesOffered: [],
      teachBack: true,
    });
    const content = new Blob([Uint8Array.from({ length: 300_000 }, (_, n) => n % 251)]);
    const made = await sealReferral(worker, {
      from: source().service,
      to: await findService(worker, target().service),
      consent,
      record: {},
      priority: 'routine',
      attachments: [{ content, type: 'application/pdf' }],
    });
    for (const file of made.files) await uploadAttachment(worker, file);
    await sendReferral(worker, made.sealed);
    const page = await (await Receipt.fromCode(server.address, made.receiptCode)).open();
    const [attachment] = await page.attachments();
    const blob = attachment && (await page.attachment(attachment));
    expect(Buffer.from((await blob?.arrayBuffer()) ?? new ArrayBuffer(0))).toEqual(
      Buffer.from(await content.arrayBuffer()),
    );
    const other = await opened();
    const foreign = attachment && other.page.attachment(attachment);
    await expect(foreign).rejects.toMatchObject({ code: 'not_found' });
  });

  it('after taking it back has the signed withdrawal with its proof, and sees who has erased', async () => {
    const { referral, receipt, page } = await opened();
    await receipt.withdraw();
    expect(await page.shared()).toBeUndefined();
    const day = await source().worker.today();
    expect(await page.story()).toMatchObject({
      status: 'cancelled',
      statusReason: 'consent-withdrawn',
      contentKept: false,
      withdrawn: { day, means: 'own-code', by: 'person' },
    });
    const proofs = await page.proofs();
    expect(proofs).toHaveLength(4);
    expect(proofs.at(-1)?.proof).toContain('c2sp.org/tlog-proof@v1');
    for (const act of [page.messages(), page.write('More.')])
      await expect(act).rejects.toMatchObject({ code: 'consent_inactive' });
    await reportErasures(target().worker, target().service, () => Promise.resolve());
    await until(async () => (await page.story()).erased.target);
    expect((await page.story()).erased).toEqual({ source: false, target: true });
    expect(await asOwner(server.urls, `SELECT FROM message WHERE referral = '${referral}'`)).toEqual([]);
  });

  it('can read and take it back though both organisations are suspended and their services closed', async () => {
    const { receipt, page } = await opened();
    await asOwner(
      server.urls,
      "UPDATE organisation SET status = 'suspended'; UPDATE service SET status = 'closed'",
    );
    try {
      expect((await page.shared())?.record['calledName']).toBe(CANARIES.name);
      expect((await receipt.withdraw()).status).toBe('cancelled');
      expect((await page.story()).contentKept).toBe(false);
    } finally {
      await asOwner(
        server.urls,
        "UPDATE organisation SET status = 'active'; UPDATE service SET status = 'open'",
      );
    }
  });

  it('sees a withdrawal that a service has made on their word, and says so', async () => {
    const { referral, page } = await opened();
    await withdrawOnRequest(target().worker, referral);
    expect((await page.story()).withdrawn).toMatchObject({ means: 'on-word', by: 'target' });
  });

  it('can have it erased after the end, when it is still kept', async () => {
    const { referral, receipt, page } = await opened();
    await act(target().worker, referral, { event: 'accept' });
    await act(target().worker, referral, { event: 'complete', outcome: 'service-provided' });
    expect(await page.story()).toMatchObject({
      status: 'completed',
      contentKept: true,
      renewableUntil: null,
    });
    await receipt.withdraw();
    expect(await page.story()).toMatchObject({ status: 'completed', contentKept: false });
    expect(await getReferral(target().worker, referral)).toMatchObject({ consentState: 'withdrawn' });
  });

  it('still sees the end of the story when the time of the content is over', async () => {
    const { page } = await opened();
    await shiftClock(server.urls, '400 days');
    try {
      expect(await page.shared()).toBeUndefined();
      expect(await page.story()).toMatchObject({ contentKept: false, renewableUntil: null });
    } finally {
      await shiftClock(server.urls, '0 days');
    }
  });
});
