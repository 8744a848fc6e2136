import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes, toBase64url } from '../../src/protocol/encoding/bytes.js';
import { boxKey } from '../../src/protocol/crypto/keys.js';
import { contentOf, givenMessage, NOTHING } from '../support/network/content.js';
import { givenSend, post, postAct, postSend } from '../support/network/makers.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

describe('a sealed message', () => {
  let server: FoundedServer;

  beforeAll(async () => {
    server = await givenNetwork();
  });
  afterAll(() => server.stop());

  async function givenSent() {
    const sent = await givenSend(server.network);
    await postSend(server.network.laRuelle.worker, sent.body);
    return sent;
  }

  async function write({ body }: Awaited<ReturnType<typeof givenSent>>, message: object): Promise<unknown> {
    return post<object>(server.network.laRuelle.worker, `/v1/referrals/${body.referral}/messages`, message);
  }

  it('is taken for the place after the last one, and for no other', async () => {
    const sent = await givenSent();
    for (const place of [1, 2, 999])
      await expect(write(sent, await givenMessage(server.network, sent, place))).rejects.toMatchObject({
        code: 'chain_moved',
      });
    expect(await write(sent, await givenMessage(server.network, sent, 0))).toEqual({ place: 0 });
    await expect(write(sent, await givenMessage(server.network, sent, 0))).rejects.toMatchObject({
      code: 'chain_moved',
    });
    expect(await write(sent, await givenMessage(server.network, sent, 1))).toEqual({ place: 1 });
  });

  it('is not taken where it is of another referral, consent or kind, for others, or of another length', async () => {
    const [sent, other] = [await givenSent(), await givenSent()];
    const good = await givenMessage(server.network, sent);
    const wrong = {
      'another referral': await givenMessage(server.network, sent, 0, { referral: other.body.referral }),
      'another consent': await givenMessage(server.network, {
        ...other,
        body: { ...other.body, referral: sent.body.referral },
      }),
      'another person': await givenMessage(server.network, { ...sent, person: other.person }),
      'a handoff': await givenMessage(server.network, sent, 0, { kind: 1 }),
      'another length': { ...good, body: toBase64url(randomBytes(5000)) },
    };
    for (const [name, message] of Object.entries(wrong)) {
      const { code } = (await write(sent, message).catch((error: unknown) => error)) as { code?: string };
      expect([name, code]).toEqual([name, 'consent_mismatch']);
    }
    const unknown = await givenMessage(server.network, sent, 0, {
      receiver: boxKey(randomBytes(32)).publicKey,
    });
    await expect(write(sent, unknown)).rejects.toMatchObject({ code: 'key_not_current' });
    expect(await contentOf(server, sent.body.referral)).toEqual(NOTHING);
  });

  it('is not taken once nothing is kept', async () => {
    const sent = await givenSent();
    const { referral } = sent.body;
    await postAct(server.network.laRuelle.worker, referral, {
      event: 'recall',
      statusReason: 'sent-by-mistake',
    });
    await expect(write(sent, await givenMessage(server.network, sent))).rejects.toMatchObject({
      code: 'wrong_state',
    });
  });

  it('is written once, however often it is sent', async () => {
    const sent = await givenSent();
    const message = await givenMessage(server.network, sent);
    const path = `/v1/referrals/${sent.body.referral}/messages`;
    for (let i = 0; i < 3; i++)
      expect(await post(server.network.laRuelle.worker, path, message, `key-${sent.body.referral}`)).toEqual({
        place: 0,
      });
    expect(await contentOf(server, sent.body.referral)).toEqual({ ...NOTHING, messages: 1 });
  });
});
