import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  acknowledge,
  act,
  certifyRequests,
  getReferral,
  invite,
  openReferral,
  Receipt,
} from '../../src/client/index.js';
import type { DemoOrganisation } from '../../src/cli/demo/network.js';
import { referSomebody } from '../../src/cli/demo/referral.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';
import { describeWithPython, python } from '../support/machines/python.js';

const RECORD = { calledName: 'Sam (fictive)', reason: 'Zorg nodig — besoin d’un médecin, ሰላም.' };
const VECTORS = '../../vectors';
const CLIENT = fileURLToPath(new URL('partner/', import.meta.url));

type Story = Record<string, unknown> & { state: Record<string, unknown> };

async function step(name: string, input: Record<string, unknown>): Promise<Story> {
  return JSON.parse(await python(`${CLIENT}story.py`, [name], input)) as Story;
}

describeWithPython('a partner app in Python, written from the documents alone', ['cryptography'], () => {
  let server: FoundedServer;
  const joined = async ({ coordinator, service }: DemoOrganisation) => {
    const code = await invite(coordinator, { role: 'worker', services: [service] });
    const { state } = await step('ask', { issuer: server.address, code });
    expect((await step('join', { state, code })).state).toBeNull();
    await certifyRequests(coordinator);
    return (await step('join', { state, code })).state;
  };

  beforeAll(async () => {
    server = await givenNetwork();
  });
  afterAll(() => server.stop());

  it('keeps to the vectors, and refuses what they refuse in the same order', async () => {
    expect(await python(`${CLIENT}vectors.py`, [VECTORS])).toBe('held to the vectors\n');
  });

  it('sends what our client opens, sees it accepted, and takes it back by the receipt code', async () => {
    const { laRuelle, clinique } = server.network;
    const state = await joined(laRuelle);
    const today = await laRuelle.worker.today();
    const consent = { purpose: 'health-care', language: 'fr', sendUntil: today, keepUntil: today };
    const sent = await step('send', {
      state,
      from: laRuelle.service,
      to: clinique.service,
      record: RECORD,
      consent,
    });
    const referral = String(sent['referral']);
    await acknowledge(clinique.worker, referral);
    const opened = await openReferral(clinique.worker, referral);
    expect(opened.record).toEqual(RECORD);
    await act(clinique.worker, referral, { event: 'accept' });
    expect((await step('status', { state: sent.state, referral }))['status']).toBe('accepted');

    const withdrawn = await step('withdraw', { issuer: server.address, code: sent['receiptCode'] });
    expect(withdrawn).toMatchObject({ before: 'accepted', status: 'cancelled' });
    expect(await getReferral(clinique.worker, referral)).toMatchObject({
      status: 'cancelled',
      statusReason: 'consent-withdrawn',
    });
  });

  it('opens with every check and accepts what our client sends, and its receipt still takes it back', async () => {
    const { laRuelle, clinique } = server.network;
    const state = await joined(clinique);
    const { referral, receiptCode } = await referSomebody(server.network, RECORD);
    const received = await step('receive', { state, referral });
    expect(received).toMatchObject({ record: RECORD, status: 'accepted' });
    expect(received['signer']).toBe(laRuelle.worker.state.device);
    expect(await getReferral(laRuelle.worker, referral)).toMatchObject({ status: 'accepted' });

    await (await Receipt.fromCode(server.address, receiptCode)).withdraw();
    expect((await step('status', { state: received.state, referral }))['statusReason']).toBe(
      'consent-withdrawn',
    );
  });
});
