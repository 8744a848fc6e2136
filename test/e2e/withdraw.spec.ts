import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  acknowledge,
  fetchProofs,
  getReferral,
  openReferral,
  Receipt,
  withdrawOnRequest,
} from '../../src/client/index.js';
import { newCode } from '../../src/protocol/encoding/codes.js';
import { newId, randomBytes, toBase64url } from '../../src/protocol/encoding/bytes.js';
import { hashText } from '../../src/protocol/encoding/signed.js';
import { asOwner, shiftClock } from '../support/machines/database.js';
import { freshKey, inDays } from '../support/network/founders.js';
import {
  givenReferral,
  givenSend,
  outcomesOf,
  postAct,
  postSend,
  postWithdrawal,
  STAGES,
  statementAfter,
  storedOf,
  withdrawalOf,
} from '../support/network/makers.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

const CLOSED = ['completed', 'failed', 'rejected', 'cancelled'];

describe('a withdrawal', () => {
  let server: FoundedServer;

  beforeAll(async () => {
    server = await givenNetwork();
  });
  afterAll(() => server.stop());

  const sender = () => server.network.laRuelle.worker;
  const receiver = () => server.network.clinique.worker;

  async function sent() {
    const { body, given, person } = await givenSend(server.network);
    await postSend(sender(), body);
    return { ...body, given, person: person.sign, texts: body.statements.map(({ jws }) => jws) };
  }

  /** How many withdrawals a consent's chain holds. */
  async function withdrawalsOf(referral: string): Promise<number> {
    const rows = await asOwner<{ jws: string }>(
      server.urls,
      `SELECT jws FROM statement WHERE referral = '${referral}' ORDER BY number`,
    );
    const kinds = rows.map(({ jws }) => Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString());
    return kinds.filter((text) => text.includes('"consent.withdrawn"')).length;
  }

  it.each(STAGES)('is taken when the referral is %s, erases, and is logged', async (stage) => {
    const { referral, receipt } = await givenReferral(server, stage);
    const before = await storedOf(server, referral);
    const { status } = await receipt.withdraw();
    expect(status).toBe(CLOSED.includes(stage) ? stage : 'cancelled');
    expect(await storedOf(server, referral)).toEqual({
      handoffs: 0,
      wraps: 0,
      statements: before.statements + 1,
    });
    expect(await getReferral(receiver(), referral)).toMatchObject({ status, consentState: 'withdrawn' });
    expect((await fetchProofs(sender(), referral)).length).toBe(before.statements + 1);
    await expect(openReferral(receiver(), referral)).rejects.toMatchObject({ code: 'consent_inactive' });
    await expect(openReferral(sender(), referral)).rejects.toMatchObject({ code: 'consent_inactive' });
  });

  it('is taken beside any number of others, and happens once', async () => {
    for (let round = 0; round < 4; round++) {
      const { texts, given, person, referral } = await sent();
      const statement = () => withdrawalOf(texts, given, person);
      const answers = await Promise.all(Array.from({ length: 6 }, () => postWithdrawal(server, statement())));
      for (const { status, body } of answers) {
        expect(status).toBe(200);
        expect(body).toMatchObject({ status: 'cancelled', statusReason: 'consent-withdrawn' });
      }
      expect(await withdrawalsOf(referral)).toBe(1);
    }
  });

  it('wins over an acknowledgement that meets it: nothing can be fetched afterwards', async () => {
    for (let round = 0; round < 6; round++) {
      const { texts, given, person, referral } = await sent();
      const { sign } = await receiver().epochOf(server.network.clinique.service);
      const statements = [statementAfter(texts, given, { kind: 'handoff.received' }, sign)];
      const [theirs, own] = await Promise.all([
        outcomesOf([postAct(receiver(), referral, { event: 'acknowledge', statements })]),
        postWithdrawal(server, withdrawalOf(texts, given, person)),
      ]);
      expect(own.status).toBe(200);
      if (theirs.refused.length > 0) expect(theirs.refused).toEqual(['consent_inactive']);
      expect(await storedOf(server, referral)).toMatchObject({ handoffs: 0, wraps: 0 });
      const path = `/v1/referrals/${referral}/handoff`;
      await expect(receiver().session.json({ method: 'GET', path })).rejects.toMatchObject({
        code: 'consent_inactive',
      });
    }
  });

  it('is taken beside acts that close the referral at the same moment', async () => {
    for (let round = 0; round < 4; round++) {
      const { texts, given, person, referral } = await sent();
      const decline = { event: 'decline', statusReason: 'no-capacity' };
      const recall = { event: 'recall', statusReason: 'sent-by-mistake' };
      const [acts, own] = await Promise.all([
        outcomesOf([postAct(receiver(), referral, decline), postAct(sender(), referral, recall)]),
        postWithdrawal(server, withdrawalOf(texts, given, person)),
      ]);
      expect(own.status).toBe(200);
      for (const code of acts.refused) expect(['wrong_state', 'consent_inactive']).toContain(code);
      expect(await withdrawalsOf(referral)).toBe(1);
      expect(await storedOf(server, referral)).toMatchObject({ handoffs: 0, wraps: 0 });
    }
  });

  it('is the same withdrawal when it is said again, even weeks later', async () => {
    const { texts, given, person, referral } = await sent();
    const statement = withdrawalOf(texts, given, person);
    expect((await postWithdrawal(server, statement)).status).toBe(200);
    await shiftClock(server.urls, '20 days');
    const again = await postWithdrawal(server, statement);
    await shiftClock(server.urls, '0 days');
    expect(again).toMatchObject({ status: 200, body: { status: 'cancelled', referral } });
    expect(await withdrawalsOf(referral)).toBe(1);
  });

  it('is taken though it was said before the last act and arrives after it', async () => {
    const { texts, given, person, referral } = await sent();
    const withdrawal = withdrawalOf(texts, given, person, { day: inDays(given.day, 1) });
    await shiftClock(server.urls, '2 days');
    const { sign } = await receiver().epochOf(server.network.clinique.service);
    const added = { kind: 'handoff.received', day: inDays(given.day, 2) } as const;
    const statements = [statementAfter(texts, given, added, sign)];
    await postAct(receiver(), referral, { event: 'acknowledge', statements });
    const answer = await postWithdrawal(server, withdrawal);
    await shiftClock(server.urls, '0 days');
    expect(answer).toMatchObject({ status: 200, body: { status: 'cancelled' } });
    expect(await withdrawalsOf(referral)).toBe(1);
  });

  it('is believed by its signature alone', async () => {
    const { texts, given, person, referral } = await sent();
    const { sign } = await sender().epochOf(server.network.laRuelle.service);
    const wrong = [
      withdrawalOf(texts, given, freshKey()),
      withdrawalOf(texts, given, sign),
      withdrawalOf(texts, given, person, { prev: toBase64url(hashText(texts[1] ?? '')) }),
      withdrawalOf(texts, given, person, { referral: newId() }),
      withdrawalOf(texts, given, person, { means: 'on-word' }),
      { jws: 'a.b.c', opening: toBase64url(randomBytes(32)) },
    ];
    for (const statement of wrong) {
      const { status, body } = await postWithdrawal(server, statement);
      expect([status, body['type']]).toEqual([422, '/problems/statement_invalid']);
    }
    const tampered = withdrawalOf(texts, given, person);
    const jws = `${tampered.jws.slice(0, -2)}AA`;
    expect((await postWithdrawal(server, { ...tampered, jws })).status).toBe(422);
    expect((await getReferral(sender(), referral)).status).toBe('requested');
  });

  it('of a consent that is not here is answered as any paper that is not', async () => {
    const { texts, given, person } = await sent();
    const unknown = withdrawalOf(texts, { ...given, consent: newId() }, person);
    const { status, body } = await postWithdrawal(server, unknown);
    expect([status, body['type']]).toEqual([404, '/problems/not_found']);
    const stranger = await Receipt.fromCode(server.address, newCode());
    await expect(stranger.status()).rejects.toMatchObject({ code: 'not_found', status: 404 });
  });

  it('on the person’s word comes from a service of that referral, and says which', async () => {
    for (const [device, by] of [
      [sender(), 'source'],
      [receiver(), 'target'],
    ] as const) {
      const { referral, receipt } = await givenReferral(server, 'accepted');
      expect((await withdrawOnRequest(device, referral)).status).toBe('cancelled');
      const statements = await fetchProofs(sender(), referral);
      const said = Buffer.from(statements.at(-1)?.jws.split('.')[1] ?? '', 'base64url').toString();
      expect(JSON.parse(said)).toMatchObject({ means: 'on-word', by });
      expect((await withdrawOnRequest(device, referral)).status).toBe('cancelled');
      expect((await receipt.withdraw()).status).toBe('cancelled');
    }
  });

  it('on the person’s word is nothing that the other side, or the public door, can say', async () => {
    const { texts, given, referral } = await sent();
    const { sign } = await sender().epochOf(server.network.laRuelle.service);
    const onWord = { kind: 'consent.withdrawn', means: 'on-word', by: 'source' } as const;
    const statement = statementAfter(texts, given, onWord, sign);
    const act = { event: 'withdraw-consent', statements: [statement] };
    await expect(postAct(receiver(), referral, act)).rejects.toMatchObject({ code: 'not_found' });
    expect((await postWithdrawal(server, statement)).status).toBe(404);
    const elsewhere = await sent();
    await expect(postAct(sender(), elsewhere.referral, act)).rejects.toMatchObject({ code: 'not_found' });
    await expect(postAct(sender(), referral, act)).resolves.toMatchObject({ status: 'cancelled' });
  });

  it('on the person’s word is signed by a key that is not revoked; the person’s own needs no service’s key', async () => {
    const { texts, given, person, referral } = await sent();
    const { sign } = await sender().epochOf(server.network.laRuelle.service);
    const onWord = { kind: 'consent.withdrawn', means: 'on-word', by: 'source' } as const;
    const statements = [statementAfter(texts, given, onWord, sign)];
    await asOwner(
      server.urls,
      `UPDATE service_key SET revoked_index = 99, revoked_from = domain_today() WHERE kid = '${sign.kid}'`,
    );
    try {
      await expect(
        postAct(sender(), referral, { event: 'withdraw-consent', statements }),
      ).rejects.toMatchObject({
        code: 'key_not_current',
      });
      expect((await postWithdrawal(server, withdrawalOf(texts, given, person))).status).toBe(200);
    } finally {
      await asOwner(
        server.urls,
        `UPDATE service_key SET revoked_index = NULL, revoked_from = NULL WHERE kid = '${sign.kid}'`,
      );
    }
  });

  it('is no other statement, and the person’s own comes through their own door', async () => {
    const { texts, given, person, referral } = await sent();
    const { sign } = await receiver().epochOf(server.network.clinique.service);
    const received = statementAfter(texts, given, { kind: 'handoff.received' }, sign);
    expect((await postWithdrawal(server, received)).status).toBe(422);
    const statements = [withdrawalOf(texts, given, person)];
    await expect(
      postAct(sender(), referral, { event: 'withdraw-consent', statements }),
    ).rejects.toMatchObject({
      code: 'not_found',
    });
    expect((await getReferral(sender(), referral)).status).toBe('requested');
  });

  it('stops an acknowledgement at the server as well', async () => {
    const { texts, given, person, referral } = await sent();
    await postWithdrawal(server, withdrawalOf(texts, given, person));
    const { sign } = await receiver().epochOf(server.network.clinique.service);
    const statements = [statementAfter(texts, given, { kind: 'handoff.received' }, sign)];
    const call = postAct(receiver(), referral, { event: 'acknowledge', statements });
    await expect(call).rejects.toMatchObject({ code: 'consent_inactive' });
  });

  it('stops an acknowledgement for good', async () => {
    const { referral, receipt } = await givenReferral(server);
    await receipt.withdraw();
    await expect(acknowledge(receiver(), referral)).rejects.toMatchObject({ check: 'withdrawn' });
  });
});
