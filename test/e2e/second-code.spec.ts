import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  findService,
  getReferral,
  Receipt,
  recordConsent,
  sealReferral,
  sendReferral,
} from '../../src/client/index.js';
import { newCode } from '../../src/protocol/encoding/codes.js';
import { asOwner } from '../support/machines/database.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

describe('a second code', () => {
  let server: FoundedServer;

  beforeAll(async () => {
    server = await givenNetwork();
  });
  afterAll(() => server.stop());

  async function sealFor(representation: 'guardian-mena' | 'none', secondCode?: true) {
    const { laRuelle, clinique } = server.network;
    const { worker } = laRuelle;
    const consent = recordConsent(await worker.charter(), await worker.today(), {
      purpose: 'health-care',
      fields: ['calledName'],
      language: 'fr',
      modality: 'spoken',
      representation,
      alternativesOffered: [],
      teachBack: true,
    });
    return sealReferral(worker, {
      from: laRuelle.service,
      to: await findService(worker, clinique.service),
      consent,
      record: { calledName: 'Sam' },
      priority: 'routine',
      word: 'Tsehay',
      ...(secondCode && { secondCode }),
    });
  }

  it('lets a guardian read, without the word, and take the consent back', async () => {
    const { sealed, receiptCode, secondCode = '' } = await sealFor('guardian-mena', true);
    expect(secondCode).not.toBe(receiptCode);
    expect(JSON.stringify(sealed)).not.toContain(secondCode);
    await sendReferral(server.network.laRuelle.worker, sealed);
    const { receipt, status, isSecond } = await Receipt.find(server.address, secondCode);
    expect([isSecond, status.wordNeeded]).toEqual([true, true]);
    const page = await receipt.open();
    expect((await page.shared())?.record).toEqual({ calledName: 'Sam' });
    await page.write('Her guardian here.');
    await receipt.withdraw();
    const { worker } = server.network.clinique;
    expect(await getReferral(worker, sealed.referral)).toMatchObject({ consentState: 'withdrawn' });
    const own = await Receipt.find(server.address, receiptCode);
    expect([own.isSecond, own.status.status]).toEqual([false, 'cancelled']);
  });

  it('is made only where somebody decides with the person or for them', async () => {
    await expect(sealFor('none', true)).rejects.toMatchObject({ check: 'second-code' });
  });

  it('cannot be told from what is sent where there is none', async () => {
    const forms = await Promise.all(
      [await sealFor('none'), await sealFor('guardian-mena', true)].map(async ({ sealed }) => {
        await sendReferral(server.network.laRuelle.worker, sealed);
        return asOwner<Record<string, number>>(
          server.urls,
          `SELECT length(kid) AS kid, length(sealed) AS sealed FROM second_code WHERE referral = '${sealed.referral}'`,
        );
      }),
    );
    expect(forms).toEqual([[{ kid: 43, sealed: 1232 }], [{ kid: 43, sealed: 1232 }]]);
  });

  it('is unknown as any other is', async () => {
    await expect(Receipt.find(server.address, newCode())).rejects.toMatchObject({
      code: 'not_found',
      status: 404,
    });
  });
});
