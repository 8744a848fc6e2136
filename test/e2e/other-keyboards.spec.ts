import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Receipt } from '../../src/client/index.js';
import { deriveReceipt, newCode, requireCode } from '../../src/protocol/encoding/codes.js';
import { normaliseWord01 } from '../../src/protocol/encoding/typed.js';
import { givenSend, postSend } from '../support/network/makers.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';
import { givenReceipt } from '../support/network/receipts.js';

describe('a person whose keyboard is another one', () => {
  let server: FoundedServer;

  beforeAll(async () => {
    server = await givenNetwork();
  });
  afterAll(() => server.stop());

  const inArabic = (code: string) =>
    code.replace(/[0-9]/g, (digit) => String.fromCodePoint(0x660 + Number(digit)));

  it.each([
    ['İzmir', ['izmir', 'IZMIR', 'izmir\u200f']],
    ['Işık', ['ışık', 'IŞIK']],
    ["l'eau", ['l’eau', 'L‘eau ']],
  ])('opens with the word %s, and with their code in digits of theirs', async (word, others) => {
    const { code, referral } = await givenReceipt(server, { word });
    const { receipt } = await Receipt.find(
      server.address,
      `\u200e${inArabic(code).replaceAll('-', '.')}\u200f`,
    );
    for (const typed of [word, ...others])
      expect((await (await receipt.open(typed)).story()).referral).toBe(referral);
    await expect(receipt.open('eau')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('opens a paper whose word version 0.1 has read in its own way', async () => {
    const code = newCode();
    const person = await deriveReceipt(requireCode(code), 'İzmir.', normaliseWord01);
    const { body } = await givenSend(server.network, { person });
    await postSend(server.network.laRuelle.worker, { ...body, person: { ...body.person, word: true } });
    const receipt = await Receipt.fromCode(server.address, code);
    expect((await (await receipt.open(' İZMIR.'.replace('I', 'i'))).story()).referral).toBe(body.referral);
    for (const other of ['izmir', 'smyrna', ''])
      await expect(receipt.open(other)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is not given a word that is none', async () => {
    await expect(givenReceipt(server, { word: '\u200f \u200b' })).rejects.toMatchObject({
      check: 'word',
      pointer: '/word',
    });
  });
});
