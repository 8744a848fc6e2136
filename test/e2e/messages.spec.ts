import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  acknowledge,
  act,
  getReferral,
  listMessages,
  sendMessage,
  withdrawOnRequest,
  type Device,
} from '../../src/client/index.js';
import { asOwner } from '../support/machines/database.js';
import { givenReferral, outcomesOf } from '../support/network/makers.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

describe('messages of a referral', () => {
  let server: FoundedServer;
  let sender: Device;
  let receiver: Device;

  beforeAll(async () => {
    server = await givenNetwork();
    sender = server.network.laRuelle.worker;
    receiver = server.network.clinique.worker;
  });
  afterAll(() => server.stop());

  async function texts(device: Device, referral: string): Promise<string[]> {
    return (await listMessages(device, referral)).map((message) =>
      message.side === null ? message.refused : `${message.side}: ${message.text}`,
    );
  }

  it('are read by both sides, in one order, each with its author’s side and day', async () => {
    const { referral } = await givenReferral(server, 'received');
    expect(await listMessages(receiver, referral)).toEqual([]);
    await sendMessage(sender, referral, 'Elle vient mardi.');
    await sendMessage(receiver, referral, 'Om 10 uur?');
    await sendMessage(receiver, referral, 'With an interpreter.');
    await sendMessage(sender, referral, 'Oui.');
    const thread = [
      'source: Elle vient mardi.',
      'target: Om 10 uur?',
      'target: With an interpreter.',
      'source: Oui.',
    ];
    expect(await texts(sender, referral)).toEqual(thread);
    expect(await texts(receiver, referral)).toEqual(thread);
    const [first] = await listMessages(receiver, referral);
    expect(first).toEqual({ side: 'source', day: await sender.today(), text: 'Elle vient mardi.' });
  });

  it('can be written by the sender before anybody has acknowledged, and by the receiver from then on', async () => {
    const { referral } = await givenReferral(server);
    await sendMessage(sender, referral, 'One more thing.');
    for (const act of [sendMessage(receiver, referral, 'No.'), listMessages(receiver, referral)])
      await expect(act).rejects.toMatchObject({ code: 'wrong_state' });
    await acknowledge(receiver, referral);
    expect(await texts(receiver, referral)).toEqual(['source: One more thing.']);
  });

  it('of the source end the question that it was asked, those of the other do not', async () => {
    const { referral } = await givenReferral(server, 'received');
    await act(receiver, referral, { event: 'request-info' });
    await sendMessage(receiver, referral, 'Since when?');
    expect((await getReferral(sender, referral)).businessStatus).toBe('info-requested');
    await Promise.all([
      sendMessage(sender, referral, 'Since May.'),
      sendMessage(sender, referral, 'Or June.'),
    ]);
    expect((await getReferral(sender, referral)).businessStatus ?? null).toBeNull();
  });

  it('go on after the end, for as long as content is kept', async () => {
    const { referral } = await givenReferral(server, 'accepted');
    await sendMessage(sender, referral, 'Before.');
    await act(receiver, referral, { event: 'complete', outcome: 'service-provided' });
    await sendMessage(receiver, referral, 'After.');
    expect(await texts(sender, referral)).toEqual(['source: Before.', 'target: After.']);
  });

  it('of more than one page are read to the end', async () => {
    const { referral } = await givenReferral(server, 'received');
    for (let i = 0; i < 23; i++) await sendMessage(i % 2 ? sender : receiver, referral, `message ${i}`);
    expect((await texts(sender, referral)).map((text) => text.split(': ')[1])).toEqual(
      Array.from({ length: 23 }, (_, i) => `message ${i}`),
    );
  });

  it('that are written at once all arrive, one after another', async () => {
    const { referral } = await givenReferral(server, 'received');
    const written = [1, 2, 3].flatMap((i) => [
      sendMessage(sender, referral, `s${i}`),
      sendMessage(receiver, referral, `r${i}`),
    ]);
    expect(await outcomesOf(written)).toEqual({ taken: 6, refused: [] });
    const read = await texts(receiver, referral);
    expect([...read].sort()).toEqual([
      'source: s1',
      'source: s2',
      'source: s3',
      'target: r1',
      'target: r2',
      'target: r3',
    ]);
    expect(await texts(sender, referral)).toEqual(read);
  });

  it.each(['rejected', 'cancelled'] as const)('end with a referral that is %s', async (stage) => {
    const { referral } = await givenReferral(server, stage);
    await expect(sendMessage(sender, referral, 'Too late.')).rejects.toMatchObject({ code: 'wrong_state' });
    await expect(listMessages(sender, referral)).rejects.toMatchObject({ code: 'wrong_state' });
  });

  it('end with the person’s word, and are gone from the database', async () => {
    const { referral } = await givenReferral(server, 'completed');
    await sendMessage(receiver, referral, 'All went well.');
    await withdrawOnRequest(sender, referral);
    const rows = await asOwner(server.urls, `SELECT FROM message WHERE referral = '${referral}'`);
    expect(rows).toEqual([]);
    for (const device of [sender, receiver])
      await expect(listMessages(device, referral)).rejects.toMatchObject({ check: 'withdrawn' });
    const page = sender.session.json({ method: 'GET', path: `/v1/referrals/${referral}/messages` });
    await expect(page).rejects.toMatchObject({ code: 'consent_inactive' });
  });
});
