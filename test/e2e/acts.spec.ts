import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { acknowledge, fetchProofs, getReferral } from '../../src/client/index.js';
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
  STAGES,
  statementAfter,
  storedOf,
} from '../support/network/makers.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

const DECLINE = { event: 'decline', statusReason: 'no-capacity' };
const RECALL = { event: 'recall', statusReason: 'sent-by-mistake' };
const COMPLETE = { event: 'complete', outcome: 'service-provided' };

describe('POST /v1/referrals/:id/transitions', () => {
  let server: FoundedServer;

  beforeAll(async () => {
    server = await givenNetwork();
  });
  afterAll(() => server.stop());

  const sender = () => server.network.laRuelle.worker;
  const receiver = () => server.network.clinique.worker;

  it('lets one of eight acceptances through, in every round', async () => {
    for (let round = 0; round < 4; round++) {
      const { referral } = await givenReferral(server, 'received');
      const calls = Array.from({ length: 8 }, () => postAct(receiver(), referral, { event: 'accept' }));
      expect(await outcomesOf(calls)).toEqual({ taken: 1, refused: Array(7).fill('wrong_state') });
    }
  });

  it.each([
    ['declining', 'requested', DECLINE],
    ['completing', 'accepted', COMPLETE],
  ] as const)('lets one of many through when %s and recalling meet', async (_, stage, theirs) => {
    for (let round = 0; round < 3; round++) {
      const { referral } = await givenReferral(server, stage);
      const calls = [0, 1, 2, 3].flatMap(() => [
        postAct(receiver(), referral, theirs),
        postAct(sender(), referral, RECALL),
      ]);
      expect(await outcomesOf(calls)).toEqual({ taken: 1, refused: Array(7).fill('wrong_state') });
    }
  });

  it('lets one of many acknowledgements through, and logs one', async () => {
    const sent = await Promise.all(Array.from({ length: 8 }, () => givenReferral(server)));
    for (const { referral } of sent) {
      const calls = Array.from({ length: 5 }, () => acknowledge(receiver(), referral));
      expect(await outcomesOf(calls)).toEqual({ taken: 1, refused: Array(4).fill('wrong_state') });
    }
    for (const { referral } of sent) expect((await fetchProofs(receiver(), referral)).length).toBe(3);
  });

  it('takes each act from exactly the states and the side that the state machine names', async () => {
    const theirs = ['decline', 'accept', 'start', 'hold', 'complete', 'fail'];
    const reasons: Record<string, object> = {
      decline: DECLINE,
      recall: RECALL,
      complete: COMPLETE,
      hold: { event: 'hold', statusReason: 'waitlisted', reviewOn: '2999-01-01' },
      fail: { event: 'fail', statusReason: 'did-not-attend' },
    };
    const allowed: Record<string, readonly string[]> = {
      decline: ['requested', 'received'],
      accept: ['received'],
      start: ['accepted', 'on-hold'],
      hold: ['accepted', 'in-progress'],
      complete: ['accepted', 'in-progress', 'on-hold'],
      fail: ['accepted', 'in-progress', 'on-hold'],
      recall: ['requested', 'received', 'accepted', 'in-progress', 'on-hold'],
    };
    for (const stage of STAGES) {
      for (const [event, from] of Object.entries(allowed)) {
        if (from.includes(stage)) continue;
        const { referral } = await given(stage);
        const by = theirs.includes(event) ? receiver() : sender();
        const { refused } = await outcomesOf([postAct(by, referral, reasons[event] ?? { event })]);
        expect([stage, event, refused]).toEqual([stage, event, ['wrong_state']]);
        expect((await getReferral(sender(), referral)).status).toBe(stage);
      }
    }
    const { referral } = await givenReferral(server, 'received');
    for (const event of theirs) {
      const { refused } = await outcomesOf([postAct(sender(), referral, reasons[event] ?? { event })]);
      expect([event, refused]).toEqual([event, ['wrong_state']]);
    }
    await expect(postAct(receiver(), referral, RECALL)).rejects.toMatchObject({ code: 'wrong_state' });
  });

  /** One referral per stage is enough for the acts that it refuses. */
  const stages = new Map<string, Promise<{ referral: string }>>();
  function given(stage: (typeof STAGES)[number]) {
    const known = stages.get(stage) ?? givenReferral(server, stage);
    stages.set(stage, known);
    return known;
  }

  it.each([
    ['decline', { event: 'decline' }],
    ['a reason of another list', { event: 'decline', statusReason: 'waitlisted' }],
    ['a reason that is no code', { event: 'decline', statusReason: 'because' }],
    ['an outcome for a decline', { ...DECLINE, outcome: 'service-provided' }],
    ['a reason for an acceptance', { event: 'accept', statusReason: 'no-capacity' }],
  ])('asks for the coded reason, and for no other (%s)', async (_, act) => {
    const { referral } = await given('received');
    await expect(postAct(receiver(), referral, act)).rejects.toMatchObject({ code: 'reason_required' });
  });

  it.each([
    ['completion without an outcome', { event: 'complete' }],
    ['hold without a date', { event: 'hold', statusReason: 'waitlisted' }],
    ['hold until a day that is past', { event: 'hold', statusReason: 'waitlisted', reviewOn: '2020-01-01' }],
    ['failure without a reason', { event: 'fail' }],
  ])('refuses %s', async (_, act) => {
    const { referral } = await given('accepted');
    await expect(postAct(receiver(), referral, act)).rejects.toMatchObject({ code: 'reason_required' });
  });

  it('lets no service say what only the person or the clock can say', async () => {
    const { referral } = await given('requested');
    for (const statusReason of ['consent-withdrawn', 'consent-expired', 'no-response']) {
      const recall = postAct(sender(), referral, { event: 'recall', statusReason });
      await expect(recall).rejects.toMatchObject({ code: 'reason_required' });
    }
  });

  it('gives a case back to who sent it', async () => {
    const { referral } = await givenReferral(server, 'in-progress');
    const back = { event: 'fail', statusReason: 'returned-to-source' };
    expect(await postAct(receiver(), referral, back)).toMatchObject({
      status: 'failed',
      statusReason: 'returned-to-source',
    });
  });

  it('keeps completed and failed content, and nothing of what was refused or recalled', async () => {
    const kept = { handoffs: 1, wraps: 3 };
    const gone = { handoffs: 0, wraps: 0 };
    for (const stage of ['completed', 'failed'] as const) {
      expect(await storedOf(server, (await given(stage)).referral)).toMatchObject(kept);
    }
    for (const stage of ['rejected', 'cancelled'] as const) {
      expect(await storedOf(server, (await given(stage)).referral)).toMatchObject(gone);
    }
  });

  it('is not there for a referral of others, or of nobody', async () => {
    for (const referral of [newId(), 'nothing']) {
      await expect(postAct(receiver(), referral, { event: 'accept' })).rejects.toMatchObject({
        code: 'not_found',
      });
    }
  });

  describe('acknowledge', () => {
    async function received(change: object = {}, key?: ReturnType<typeof freshKey>) {
      const { body, given } = await givenSend(server.network);
      await postSend(sender(), body);
      const { sign } = await receiver().epochOf(server.network.clinique.service);
      const texts = body.statements.map(({ jws }) => jws);
      const added = { kind: 'handoff.received', ...change } as const;
      const statement = statementAfter(texts, given, added, key ?? sign);
      const call = postAct(receiver(), body.referral, { event: 'acknowledge', statements: [statement] });
      return { referral: body.referral, texts, outcome: await outcomesOf([call]) };
    }

    it('discloses, and only then', async () => {
      const { outcome, referral } = await received();
      expect(outcome.taken).toBe(1);
      expect(await getReferral(sender(), referral)).toMatchObject({ status: 'received' });
    });

    it('is refused where the chain has another head', async () => {
      expect((await received({ prev: toBase64url(randomBytes(32)) })).outcome.refused).toEqual([
        'chain_moved',
      ]);
      const { texts } = await received();
      const prev = toBase64url(hashText(texts[0] ?? ''));
      expect((await received({ prev })).outcome.refused).toEqual(['chain_moved']);
    });

    it('is refused where the statement does not hold', async () => {
      const today = await receiver().today();
      for (const change of [
        { day: inDays(today, 1) },
        { day: inDays(today, -8) },
        { consent: newId() },
        { log: 'relais-elsewhere/consent' },
        { kind: 'consent.renewed', keepUntil: inDays(today, 200) },
      ]) {
        expect((await received(change)).outcome.refused).toEqual(['statement_invalid']);
      }
      expect((await received({}, freshKey())).outcome.refused).toEqual(['statement_invalid']);
      const { sign } = await sender().epochOf(server.network.laRuelle.service);
      expect((await received({}, sign)).outcome.refused).toEqual(['statement_invalid']);
    });

    it('is refused to the sender, and without its statement', async () => {
      const { body, given } = await givenSend(server.network);
      await postSend(sender(), body);
      const { referral } = body;
      await expect(postAct(receiver(), referral, { event: 'acknowledge' })).rejects.toMatchObject({
        code: 'statement_invalid',
      });
      const { sign } = await receiver().epochOf(server.network.clinique.service);
      const texts = body.statements.map(({ jws }) => jws);
      const statements = [statementAfter(texts, given, { kind: 'handoff.received' }, sign)];
      const theirs = postAct(sender(), referral, { event: 'acknowledge', statements });
      await expect(theirs).rejects.toMatchObject({ code: 'not_found' });
      expect((await getReferral(sender(), referral)).status).toBe('requested');
    });

    it('is refused where the signing key has been revoked, as a revocation under way would', async () => {
      const { sign } = await receiver().epochOf(server.network.clinique.service);
      await asOwner(
        server.urls,
        `UPDATE service_key SET revoked_index = 99, revoked_from = domain_today() WHERE kid = '${sign.kid}'`,
      );
      const { outcome, referral } = await received();
      await asOwner(
        server.urls,
        `UPDATE service_key SET revoked_index = NULL, revoked_from = NULL WHERE kid = '${sign.kid}'`,
      );
      expect(outcome.refused).toEqual(['key_not_current']);
      expect((await getReferral(sender(), referral)).status).toBe('requested');
    });

    it('may say a day of the week that has passed, and none before', async () => {
      const today = await receiver().today();
      for (const [days, taken] of [
        ['7 days', 1],
        ['8 days', 0],
      ] as const) {
        const { body, given } = await givenSend(server.network);
        await postSend(sender(), body);
        const { sign } = await receiver().epochOf(server.network.clinique.service);
        const texts = body.statements.map(({ jws }) => jws);
        const statement = statementAfter(texts, given, { kind: 'handoff.received', day: today }, sign);
        await shiftClock(server.urls, days);
        const act = { event: 'acknowledge', statements: [statement] };
        const outcome = await outcomesOf([postAct(receiver(), body.referral, act)]);
        await shiftClock(server.urls, '0 days');
        expect(outcome).toEqual({ taken, refused: taken === 1 ? [] : ['statement_invalid'] });
      }
    });

    it('is refused with a statement of another referral, whatever that one’s chain', async () => {
      const other = await received();
      const elsewhere = await givenSend(server.network);
      const { referral } = await givenReferral(server);
      const { sign } = await receiver().epochOf(server.network.clinique.service);
      const added = { kind: 'handoff.received', prev: toBase64url(randomBytes(32)) } as const;
      const statement = statementAfter(other.texts, elsewhere.given, added, sign);
      const call = postAct(receiver(), referral, { event: 'acknowledge', statements: [statement] });
      expect((await outcomesOf([call])).refused).toEqual(['statement_invalid']);
    });

    it('is refused once the consent’s last day for opening is past', async () => {
      const { body, given } = await givenSend(server.network, {
        given: { sendUntil: inDays(await sender().today(), 1) },
        priority: 'routine',
      });
      await postSend(sender(), body);
      const { sign } = await receiver().epochOf(server.network.clinique.service);
      const texts = body.statements.map(({ jws }) => jws);
      const statement = statementAfter(texts, given, { kind: 'handoff.received' }, sign);
      await shiftClock(server.urls, '2 days');
      const call = postAct(receiver(), body.referral, { event: 'acknowledge', statements: [statement] });
      const { refused } = await outcomesOf([call]);
      await shiftClock(server.urls, '0 days');
      // the clock may have been faster
      expect(['consent_inactive', 'wrong_state']).toContain(refused[0]);
    });
  });
});
