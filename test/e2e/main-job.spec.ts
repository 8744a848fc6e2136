import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  acknowledge,
  act,
  fetchProofs,
  findService,
  getReferral,
  listReferrals,
  openReferral,
  Receipt,
  recordConsent,
  sealReferral,
  sendReferral,
  withdrawOnRequest,
} from '../../src/client/index.js';
import { referSomebody } from '../../src/cli/demo/referral.js';
import { asOwner, shiftClock } from '../support/machines/database.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

const RECORD = { calledName: 'Sam', reason: 'A wound on the foot.', interpreterNeeded: true };

describe('a consented referral', () => {
  let server: FoundedServer;

  beforeAll(async () => {
    server = await givenNetwork();
  });
  afterAll(() => server.stop());

  function parties() {
    const { laRuelle, clinique } = server.network;
    return { sender: laRuelle.worker, receiver: clinique.worker };
  }

  async function contentRows(referral: string): Promise<number> {
    const rows = await asOwner<{ n: number }>(
      server.urls,
      `SELECT (SELECT count(*) FROM handoff WHERE referral = '${referral}')::int
        + (SELECT count(*) FROM handoff_wrap WHERE referral = '${referral}')::int AS n`,
    );
    return rows[0]?.n ?? -1;
  }

  it('is received, acknowledged, opened, accepted, started and completed, and the sender sees each status', async () => {
    const { sender, receiver } = parties();
    const { referral } = await referSomebody(server.network, RECORD);
    expect((await getReferral(sender, referral)).status).toBe('requested');
    expect((await listReferrals(receiver, 'inbox')).map((item) => item.referral)).toContain(referral);
    await expect(openReferral(receiver, referral)).rejects.toMatchObject({ code: 'wrong_state' });
    await acknowledge(receiver, referral);
    const opened = await openReferral(receiver, referral);
    expect({ ...opened.record }).toEqual(RECORD);
    expect(opened.consentRecord.modality).toBe('spoken-via-interpreter');
    expect({ ...(await openReferral(sender, referral)).record }).toEqual(RECORD);
    for (const [event, status] of [
      ['accept', 'accepted'],
      ['start', 'in-progress'],
    ] as const) {
      await act(receiver, referral, { event });
      expect((await getReferral(sender, referral)).status).toBe(status);
    }
    await act(receiver, referral, { event: 'complete', outcome: 'service-provided' });
    expect(await getReferral(sender, referral)).toMatchObject({
      status: 'completed',
      outcome: 'service-provided',
    });
    expect(await contentRows(referral)).toBe(4);
    expect((await listReferrals(sender, 'outbox', 'closed')).map((item) => item.referral)).toContain(
      referral,
    );
  });

  it('is withdrawn by the person with the paper alone, while the receiver works on it', async () => {
    const { receiver, sender } = parties();
    const { referral, receiptCode } = await referSomebody(server.network, RECORD);
    await acknowledge(receiver, referral);
    await act(receiver, referral, { event: 'accept' });
    const receipt = await Receipt.fromCode(server.address, receiptCode);
    const status = await receipt.status();
    expect(Object.keys(status).sort()).toEqual(
      ['consent', 'log', 'prev', 'referral', 'status', 'statusReason', 'today', 'wordNeeded'].sort(),
    );
    expect((await receipt.withdraw()).status).toBe('cancelled');
    expect(await contentRows(referral)).toBe(0);
    expect(await getReferral(receiver, referral)).toMatchObject({
      status: 'cancelled',
      statusReason: 'consent-withdrawn',
    });
    await expect(act(receiver, referral, { event: 'start' })).rejects.toMatchObject({
      code: 'consent_inactive',
    });
    await expect(openReferral(receiver, referral)).rejects.toMatchObject({ code: 'consent_inactive' });
    const statements = await fetchProofs(sender, referral);
    expect(statements).toHaveLength(4);
    expect((await receipt.withdraw()).status).toBe('cancelled');
    expect(await fetchProofs(sender, referral)).toHaveLength(4);
  });

  it('is withdrawn after its end as well: the content goes, the state stays', async () => {
    const { receiver } = parties();
    const { referral, receiptCode } = await referSomebody(server.network, RECORD);
    await acknowledge(receiver, referral);
    await act(receiver, referral, { event: 'accept' });
    await act(receiver, referral, { event: 'complete', outcome: 'service-provided' });
    await (await Receipt.fromCode(server.address, receiptCode)).withdraw();
    expect(await getReferral(receiver, referral)).toMatchObject({
      status: 'completed',
      consentState: 'withdrawn',
    });
    expect(await contentRows(referral)).toBe(0);
  });

  it('is withdrawn by either service on the person’s word, which says so', async () => {
    const { receiver, sender } = parties();
    for (const device of [sender, receiver]) {
      const { referral } = await referSomebody(server.network, RECORD);
      expect((await withdrawOnRequest(device, referral)).status).toBe('cancelled');
      expect(await contentRows(referral)).toBe(0);
    }
  });

  it('is declined with a coded reason, and not without', async () => {
    const { receiver } = parties();
    const { referral } = await referSomebody(server.network, RECORD);
    await expect(act(receiver, referral, { event: 'decline' })).rejects.toMatchObject({
      code: 'reason_required',
    });
    const declined = await act(receiver, referral, { event: 'decline', statusReason: 'no-capacity' });
    expect(declined).toMatchObject({ status: 'rejected', statusReason: 'no-capacity' });
    expect(await contentRows(referral)).toBe(0);
  });

  it('is recalled by the sender, held and resumed by the receiver', async () => {
    const { receiver, sender } = parties();
    const first = await referSomebody(server.network, RECORD);
    await expect(
      act(receiver, first.referral, { event: 'recall', statusReason: 'duplicate' }),
    ).rejects.toMatchObject({
      code: 'wrong_state',
    });
    await act(sender, first.referral, { event: 'recall', statusReason: 'sent-by-mistake' });
    const second = await referSomebody(server.network, RECORD);
    await acknowledge(receiver, second.referral);
    await act(receiver, second.referral, { event: 'accept' });
    const held = { event: 'hold', statusReason: 'waitlisted', reviewOn: '2999-01-01' } as const;
    expect(await act(receiver, second.referral, held)).toMatchObject({
      status: 'on-hold',
      reviewOn: '2999-01-01',
    });
    expect(await act(receiver, second.referral, { event: 'start' })).toMatchObject({
      status: 'in-progress',
      reviewOn: null,
    });
    await act(receiver, second.referral, { event: 'fail', statusReason: 'could-not-contact' });
  });

  it('is sent once, however often it is sent', async () => {
    const { sender } = parties();
    const { laRuelle, clinique } = server.network;
    const consent = recordConsent(await sender.charter(), await sender.today(), {
      purpose: 'health-care',
      fields: ['calledName'],
      language: 'nl',
      modality: 'spoken',
      representation: 'none',
      alternativesOffered: [],
      teachBack: true,
    });
    const to = await findService(sender, clinique.service);
    const { sealed } = await sealReferral(sender, {
      from: laRuelle.service,
      to,
      consent,
      record: { calledName: 'N.' },
      priority: 'urgent',
    });
    const answers = await Promise.all(Array.from({ length: 5 }, () => sendReferral(sender, sealed)));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    await expect(sendReferral(sender, { ...sealed, idempotencyKey: 'another' })).rejects.toMatchObject({
      code: 'consent_used',
    });
  });

  it('lapses by the clock, and its content with it', async () => {
    const { sender } = parties();
    const { referral } = await referSomebody(server.network, RECORD);
    await shiftClock(server.urls, '16 days');
    try {
      let status = '';
      for (let i = 0; i < 60 && status !== 'cancelled'; i++) {
        await new Promise((resolve) => setTimeout(resolve, 250));
        ({ status } = await getReferral(sender, referral));
      }
      expect(await getReferral(sender, referral)).toMatchObject({
        status: 'cancelled',
        statusReason: 'consent-expired',
      });
      expect(await contentRows(referral)).toBe(0);
    } finally {
      await shiftClock(server.urls, '0 days');
    }
  });
});
