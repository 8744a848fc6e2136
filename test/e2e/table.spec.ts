import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  act,
  confirmVoid,
  confirmVoidByPaper,
  fetchProofs,
  getReferral,
  openReferral,
  prepareVoid,
  redirectDrafts,
  renewConsent,
  reportErasures,
  voidReferral,
  withdrawOnRequest,
} from '../../src/client/index.js';
import { newId } from '../../src/protocol/encoding/bytes.js';
import { readUnverified } from '../../src/protocol/encoding/signed.js';
import { Database } from '../../src/database/index.js';
import { Jobs } from '../../src/server/common/jobs.js';
import { Clock } from '../../src/server/referrals/erasing/clock.js';
import { asOwner, shiftClock, until } from '../support/machines/database.js';
import { inDays } from '../support/network/founders.js';
import { givenReferral, outcomesOf, postAct, STAGES, storedOf } from '../support/network/makers.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

const OPEN = ['requested', 'received', 'accepted', 'in-progress', 'on-hold'] as const;

describe('the rest of the state table', () => {
  let server: FoundedServer;
  let database: Database;
  let clock: Clock;

  beforeAll(async () => {
    server = await givenNetwork();
    database = new Database(server.urls);
    clock = new Clock(database, new Jobs());
  });
  afterEach(() => shiftClock(server.urls, '0 days'));
  afterAll(async () => {
    await database.close();
    await server.stop();
  });

  const sender = () => server.network.laRuelle.worker;
  const receiver = () => server.network.clinique.worker;
  const colleague = () => server.network.laRuelle.coordinator;

  async function kindsOf(referral: string): Promise<string[]> {
    const statements = await fetchProofs(sender(), referral);
    return statements.map(({ jws }) => (readUnverified(jws).payload as { kind: string }).kind);
  }

  async function refusal(call: Promise<unknown>): Promise<string | undefined> {
    return (await outcomesOf([call])).refused[0];
  }

  describe('return', () => {
    it.each(['accepted', 'in-progress', 'on-hold'] as const)('gives back what is %s', async (stage) => {
      const { referral } = await givenReferral(server, stage);
      expect(await act(receiver(), referral, { event: 'return' })).toMatchObject({
        status: 'failed',
        statusReason: 'returned-to-source',
        responsible: 'source',
      });
    });

    it('takes no other reason, and not from the source', async () => {
      const { referral } = await givenReferral(server, 'accepted');
      const reasoned = act(receiver(), referral, { event: 'return', statusReason: 'did-not-attend' });
      expect(await refusal(reasoned)).toBe('reason_required');
      expect(await refusal(act(sender(), referral, { event: 'return' }))).toBe('wrong_state');
    });
  });

  describe('release', () => {
    it('passes a transfer on: the source sees where it stands, and no longer what was said', async () => {
      const { referral } = await givenReferral(server, 'accepted', 'transfer');
      expect((await openReferral(sender(), referral)).record['calledName']).toBe('Sam');
      expect(await act(sender(), referral, { event: 'release' })).toMatchObject({
        status: 'accepted',
        responsible: 'target',
      });
      expect(await refusal(openReferral(sender(), referral))).toBe('wrong_state');
      const wraps = await asOwner<{ role: number; kept: boolean }>(
        server.urls,
        `SELECT role, wrap IS NOT NULL AS kept FROM handoff_wrap WHERE referral = '${referral}' ORDER BY role`,
      );
      expect(wraps).toEqual([
        { role: 1, kept: true },
        { role: 2, kept: false },
        { role: 3, kept: true },
      ]);
      expect((await openReferral(receiver(), referral)).record['calledName']).toBe('Sam');
      await act(receiver(), referral, { event: 'complete', outcome: 'service-provided' });
      expect(await getReferral(sender(), referral)).toMatchObject({ status: 'completed' });
      expect((await openReferral(receiver(), referral)).record['calledName']).toBe('Sam');
    });

    it('comes back with what is returned, but not the content', async () => {
      const { referral } = await givenReferral(server, 'accepted', 'transfer');
      await act(sender(), referral, { event: 'release' });
      expect(await act(receiver(), referral, { event: 'return' })).toMatchObject({ responsible: 'source' });
      const { refused } = await outcomesOf([openReferral(sender(), referral)]);
      expect(refused).toHaveLength(1);
    });

    it('is refused for a referral, twice, before it was accepted, and to the receiving service', async () => {
      const { referral } = await givenReferral(server, 'accepted');
      expect(await refusal(act(sender(), referral, { event: 'release' }))).toBe('wrong_state');
      const early = await givenReferral(server, 'received', 'transfer');
      expect(await refusal(act(sender(), early.referral, { event: 'release' }))).toBe('wrong_state');
      await act(receiver(), early.referral, { event: 'accept' });
      expect(await refusal(act(receiver(), early.referral, { event: 'release' }))).toBe('wrong_state');
      const calls = [0, 1, 2, 3].map(() => act(sender(), early.referral, { event: 'release' }));
      expect(await outcomesOf(calls)).toEqual({ taken: 1, refused: Array(3).fill('wrong_state') });
    });
  });

  describe('redirect', () => {
    const REDIRECT = { event: 'decline', statusReason: 'redirect-proposed' } as const;

    it('proposes services, and becomes a new draft that waits for a new consent', async () => {
      const { referral } = await givenReferral(server, 'received');
      const other = newId();
      await asOwner(
        server.urls,
        `INSERT INTO service (id, organisation, name, status) SELECT '${other}', organisation, 'Autre', 'closed' FROM service LIMIT 1`,
      );
      const declined = await act(receiver(), referral, { ...REDIRECT, redirectTo: [other] });
      expect(declined).toMatchObject({ status: 'rejected', redirectTo: [other] });
      expect(await storedOf(server, referral)).toMatchObject({ handoffs: 0, wraps: 0 });
      // it has no key in the registry: nothing can be sealed to it, so it is no draft
      const { done, refused } = await redirectDrafts(sender(), referral, { calledName: 'Sam' });
      expect([done, refused.map(({ item }) => item)]).toEqual([[], [other]]);
      await withdrawOnRequest(sender(), referral);
      expect((await getReferral(sender(), referral)).redirectTo).toBeNull();
    });

    it('is no redirect without a service, with the two that are there already, or one that nobody knows', async () => {
      const { referral } = await givenReferral(server, 'received');
      const { laRuelle, clinique } = server.network;
      expect(await refusal(act(receiver(), referral, REDIRECT))).toBe('reason_required');
      for (const service of [laRuelle.service, clinique.service, newId()]) {
        const proposed = act(receiver(), referral, { ...REDIRECT, redirectTo: [service] });
        expect(await refusal(proposed)).toBe('reason_required');
      }
      const other = { event: 'decline', statusReason: 'no-capacity', redirectTo: [newId()] } as const;
      expect(await refusal(act(receiver(), referral, other))).toBe('reason_required');
    });

    it('drafts nothing out of what was declined otherwise, or is another’s', async () => {
      const { referral } = await givenReferral(server, 'rejected');
      await expect(redirectDrafts(sender(), referral, {})).rejects.toThrow();
    });
  });

  describe('void', () => {
    it.each(STAGES)(
      'declares what is %s an error, with a second device; nothing of it is kept',
      async (stage) => {
        const { referral, receipt } = await givenReferral(server, stage);
        const draft = await prepareVoid(sender(), referral, 'wrong-person');
        const voided = await voidReferral(sender(), draft, await confirmVoid(colleague(), draft));
        expect(voided).toMatchObject({
          status: 'entered-in-error',
          statusReason: 'wrong-person',
          outcome: null,
          consentState: 'invalidated',
        });
        expect(await storedOf(server, referral)).toMatchObject({ handoffs: 0, wraps: 0 });
        expect((await kindsOf(referral)).at(-1)).toBe('consent.invalidated');
        expect((await receipt.withdraw()).status).toBe('entered-in-error');
        expect((await kindsOf(referral)).at(-1)).toBe('consent.withdrawn');
      },
    );

    it('takes the paper key in the second device’s place', async () => {
      const { referral } = await givenReferral(server, 'accepted');
      const draft = await prepareVoid(sender(), referral, 'test-entry');
      const { paperCode } = server.network.laRuelle.founder;
      const confirmation = await confirmVoidByPaper(sender(), draft, paperCode);
      expect(await voidReferral(sender(), draft, confirmation)).toMatchObject({ status: 'entered-in-error' });
    });

    it('needs somebody else: not nobody, not the same device, no other organisation’s, no other statement', async () => {
      const { referral } = await givenReferral(server, 'accepted');
      const draft = await prepareVoid(sender(), referral, 'sent-twice');
      const body = { event: 'void', statusReason: 'sent-twice', statements: [draft.statement] };
      expect(await refusal(postAct(sender(), referral, body))).toBe('second_device_required');
      const own = await confirmVoid(sender(), draft);
      expect(await refusal(voidReferral(sender(), draft, own))).toBe('second_device_required');
      await expect(confirmVoid(server.network.clinique.coordinator, draft)).rejects.toThrow();
      const { paperCode } = server.network.clinique.founder;
      const foreign = await confirmVoidByPaper(sender(), draft, paperCode);
      expect(await refusal(voidReferral(sender(), draft, foreign))).toBe('second_device_required');
      const another = await confirmVoid(colleague(), await prepareVoid(sender(), referral, 'sent-twice'));
      const nextDraft = await prepareVoid(sender(), referral, 'wrong-service');
      expect(await refusal(voidReferral(sender(), nextDraft, another))).toBe('second_device_required');
      expect((await getReferral(sender(), referral)).status).toBe('accepted');
    });

    it('is the source’s, has the reason that was signed, and comes before a withdrawal or not at all', async () => {
      const { referral } = await givenReferral(server, 'accepted');
      await expect(prepareVoid(receiver(), referral, 'wrong-person')).rejects.toThrow();
      const draft = await prepareVoid(sender(), referral, 'wrong-person');
      const confirmation = await confirmVoid(colleague(), draft);
      const other = voidReferral(sender(), { ...draft, reason: 'sent-twice' }, confirmation);
      expect(await refusal(other)).toBe('statement_invalid');
      const body = { event: 'void', confirmation, statements: [draft.statement] };
      expect(await refusal(postAct(sender(), referral, body))).toBe('reason_required');
      expect(await refusal(postAct(receiver(), referral, { ...body, statusReason: 'wrong-person' }))).toBe(
        'not_found',
      );
      await withdrawOnRequest(receiver(), referral);
      expect(await refusal(voidReferral(sender(), draft, confirmation))).toBe('consent_inactive');
    });

    it('is signed again where the consent has moved on meanwhile', async () => {
      const { referral } = await givenReferral(server, 'accepted');
      const draft = await prepareVoid(sender(), referral, 'wrong-person');
      const confirmation = await confirmVoid(colleague(), draft);
      await renewConsent(sender(), referral, { keepUntil: inDays(await sender().today(), 130) });
      expect(await refusal(voidReferral(sender(), draft, confirmation))).toBe('chain_moved');
    });
  });

  describe('renewal', () => {
    it.each(OPEN)('gives content that is %s a later last day, signed and logged', async (stage) => {
      const { referral } = await givenReferral(server, stage);
      const keepUntil = inDays(await sender().today(), 200);
      expect(await renewConsent(sender(), referral, { keepUntil })).toMatchObject({
        keepUntil,
        status: stage,
      });
      expect((await kindsOf(referral)).at(-1)).toBe('consent.renewed');
      await shiftClock(server.urls, '125 days');
      await clock.tick();
      if (stage !== 'requested' && stage !== 'received')
        expect(await storedOf(server, referral)).toMatchObject({ handoffs: 1, wraps: 3 });
      await shiftClock(server.urls, '202 days');
      await clock.tick();
      expect(await storedOf(server, referral)).toMatchObject({ handoffs: 0, wraps: 0 });
    });

    it('is refused backwards, beyond the charter, once the day is past, and after the end', async () => {
      const today = await sender().today();
      const { referral } = await givenReferral(server, 'accepted');
      await expect(renewConsent(sender(), referral, { keepUntil: inDays(today, 100) })).rejects.toThrow();
      const far = renewConsent(sender(), referral, { keepUntil: inDays(today, 366) });
      expect(await refusal(far)).toBe('consent_mismatch');
      const completed = await givenReferral(server, 'completed');
      const late = renewConsent(sender(), completed.referral, { keepUntil: inDays(today, 200) });
      expect(await refusal(late)).toBe('wrong_state');
      expect((await getReferral(sender(), referral)).keepUntil).toBe(inDays(today, 120));
    });
  });

  describe('after the server has erased', () => {
    it('each service erases too, and says so, signed and logged', async () => {
      const { referral } = await givenReferral(server, 'completed');
      await withdrawOnRequest(sender(), referral);
      await fetchProofs(receiver(), referral);
      expect(await getReferral(sender(), referral)).toMatchObject({ status: 'completed', erasedBy: [] });
      const gone: string[] = [];
      const erase = (each: string) => Promise.resolve(void gone.push(each));
      const said = await reportErasures(receiver(), server.network.clinique.service, erase);
      expect(said.done).toContain(referral);
      expect(gone).toEqual(said.done);
      expect(await getReferral(sender(), referral)).toMatchObject({ erasedBy: ['target'] });
      await reportErasures(sender(), server.network.laRuelle.service, erase);
      expect(await getReferral(sender(), referral)).toMatchObject({ erasedBy: ['source', 'target'] });
      expect(await reportErasures(sender(), server.network.laRuelle.service, erase)).toEqual({
        done: [],
        refused: [],
      });
      const sql =
        'SELECT 1 FROM erasure e LEFT JOIN log_position p ON p.pending = e.pending WHERE p.index IS NULL';
      await until(async () => (await asOwner(server.urls, sql)).length === 0);
    });
  });
});
