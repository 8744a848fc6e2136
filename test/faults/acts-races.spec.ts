import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Device, getReferral, reportErasures } from '../../src/client/index.js';
import { addDays } from '../../src/protocol/encoding/days.js';
import { toBase64url } from '../../src/protocol/encoding/bytes.js';
import type { SigningKey } from '../../src/protocol/crypto/keys.js';
import { hashText, sign } from '../../src/protocol/encoding/signed.js';
import { Database } from '../../src/database/index.js';
import { Jobs } from '../../src/server/common/jobs.js';
import { Clock } from '../../src/server/referrals/erasing/clock.js';
import { asOwner, shiftClock, until } from '../support/machines/database.js';
import { movedTo } from '../support/requests/impatient.js';
import {
  givenSend,
  outcomesOf,
  postAct,
  postSend,
  postWithdrawal,
  statementAfter,
  storedOf,
  withdrawalOf,
} from '../support/network/makers.js';
import { givenNetwork, type FoundedServer, type ServerProcess } from '../support/machines/process.js';
import { rounds } from '../support/machines/rounds.js';

const ROUNDS = rounds(6, 200);
jest.setTimeout(rounds(120_000, 3_600_000));

/** Two processes, one database: whatever happens at once comes out as if one after the other. */
describe('races of the rarer acts over two processes', () => {
  let server: FoundedServer;
  let replica: ServerProcess;
  let senders: readonly [Device, Device];
  let receivers: readonly [Device, Device];
  let keys: Readonly<Record<'source' | 'target', SigningKey>>;

  beforeAll(async () => {
    server = await givenNetwork();
    replica = await server.replica();
    const { laRuelle, clinique } = server.network;
    const there = (device: Device) => Device.start(movedTo(device.state, replica.address));
    senders = [laRuelle.worker, await there(laRuelle.worker)];
    receivers = [clinique.worker, await there(clinique.worker)];
    keys = {
      source: (await laRuelle.worker.epochOf(laRuelle.service)).sign,
      target: (await clinique.worker.epochOf(clinique.service)).sign,
    };
  });
  afterEach(() => shiftClock(server.urls, '0 days'));
  afterAll(async () => {
    await replica.kill();
    await server.stop();
  });

  /** A transfer that was received, and perhaps accepted. */
  async function given(accepted = false) {
    const { body, given: consent, person } = await givenSend(server.network);
    await postSend(senders[0], { ...body, kind: 'transfer' });
    const { referral } = body;
    const texts = body.statements.map(({ jws }) => jws);
    const received = statementAfter(texts, consent, { kind: 'handoff.received' }, keys.target);
    await postAct(receivers[0], referral, { event: 'acknowledge', statements: [received] });
    texts.push(received.jws);
    if (accepted) await postAct(receivers[0], referral, { event: 'accept' });
    return { referral, consent, texts, person: person.sign };
  }

  function voidOf({ texts, consent }: Awaited<ReturnType<typeof given>>) {
    const reason = 'wrong-person' as const;
    const statement = statementAfter(texts, consent, { kind: 'consent.invalidated', reason }, keys.source);
    const { coordinator, founder } = server.network.laRuelle;
    const of = { network: coordinator.network, organisation: founder.public.id };
    const payload = { ...of, statement: toBase64url(hashText(statement.jws)) };
    const confirmation = sign('confirmation+jws', payload, coordinator.keys.sign);
    return { event: 'void', statusReason: reason, confirmation, statements: [statement] };
  }

  function renewalOf({ texts, consent }: Awaited<ReturnType<typeof given>>, day: string) {
    const added = { kind: 'consent.renewed', day, keepUntil: addDays(day, 200) } as const;
    return { event: 'renew-consent', statements: [statementAfter(texts, consent, added, keys.source)] };
  }

  async function statementsOf(referral: string): Promise<number> {
    return (await storedOf(server, referral)).statements;
  }

  it('a void comes through against acceptances and completions, whichever is first', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const sent = await given(round % 2 === 1);
      const theirs =
        round % 2 === 0 ? { event: 'accept' } : { event: 'complete', outcome: 'service-provided' };
      const [voided, ...others] = await Promise.all([
        outcomesOf([postAct(senders[round % 2] as Device, sent.referral, voidOf(sent))]),
        ...receivers.map((receiver) => outcomesOf([postAct(receiver, sent.referral, theirs)])),
      ]);
      expect(voided).toEqual({ taken: 1, refused: [] });
      expect(others.filter(({ taken }) => taken === 1).length).toBeLessThan(2);
      expect(await getReferral(senders[0], sent.referral)).toMatchObject({ status: 'entered-in-error' });
      expect(await storedOf(server, sent.referral)).toEqual({ handoffs: 0, wraps: 0, statements: 4 });
    }
  });

  it('of many voids one is taken and logged', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const sent = await given();
      const calls = [0, 1, 2, 3, 4, 5].map((i) =>
        postAct(senders[i % 2] as Device, sent.referral, voidOf(sent)),
      );
      const { taken, refused } = await outcomesOf(calls);
      expect([taken, refused.length]).toEqual([1, 5]);
      for (const code of refused) expect(['chain_moved', 'wrong_state', 'statement_invalid']).toContain(code);
      expect(await statementsOf(sent.referral)).toBe(4);
    }
  });

  it('a withdrawal comes through against a release, and nothing of the content stays', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const sent = await given(true);
      const [withdrawn] = await Promise.all([
        postWithdrawal(server, withdrawalOf(sent.texts, sent.consent, sent.person)),
        ...senders.map((sender) => outcomesOf([postAct(sender, sent.referral, { event: 'release' })])),
      ]);
      expect(withdrawn.status).toBe(200);
      const seen = await getReferral(receivers[0], sent.referral);
      expect(seen).toMatchObject({ status: 'cancelled', consentState: 'withdrawn' });
      expect(await storedOf(server, sent.referral)).toMatchObject({ handoffs: 0, wraps: 0 });
    }
  });

  it('of two questions one pauses the deadline', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { referral } = await given();
      const before = Date.parse((await getReferral(senders[0], referral)).respondBy ?? '');
      const calls = [0, 1, 2, 3].map((i) =>
        postAct(receivers[i % 2] as Device, referral, { event: 'request-info' }),
      );
      expect(await outcomesOf(calls)).toEqual({ taken: 1, refused: Array(3).fill('wrong_state') });
      const { respondBy } = await getReferral(senders[0], referral);
      expect(Date.parse(respondBy ?? '') - before).toBe(336 * 3_600_000);
    }
  });

  it('a renewal and the clock agree on whether the content was still there', async () => {
    const database = new Database(server.urls);
    const clocks = [0, 1, 2].map(() => new Clock(database, new Jobs()));
    for (let round = 0; round < ROUNDS; round++) {
      await shiftClock(server.urls, '0 days');
      const sent = await given(true);
      const isPast = round % 2 === 1;
      const days = isPast ? 121 : 120;
      await shiftClock(server.urls, `${days} days`);
      const [row] = await asOwner<{ today: string }>(server.urls, 'SELECT domain_today()::text AS today');
      const [renewed] = await Promise.all([
        outcomesOf([postAct(senders[round % 2] as Device, sent.referral, renewalOf(sent, row?.today ?? ''))]),
        ...clocks.map((clock) => clock.tick()),
      ]);
      expect(renewed).toEqual(
        isPast ? { taken: 0, refused: ['consent_inactive'] } : { taken: 1, refused: [] },
      );
      await clocks[0]?.tick();
      expect((await storedOf(server, sent.referral)).handoffs).toBe(isPast ? 0 : 1);
    }
    await database.close();
  });

  it('a service says once that it has erased', async () => {
    const sent = await given();
    await postWithdrawal(server, withdrawalOf(sent.texts, sent.consent, sent.person));
    const { service } = server.network.clinique;
    const sequenced = `SELECT 1 FROM statement s LEFT JOIN log_position p ON p.pending = s.pending WHERE p.index IS NULL`;
    await until(async () => (await asOwner(server.urls, sequenced)).length === 0);
    const erase = () => Promise.resolve();
    const both = await Promise.allSettled(receivers.map((each) => reportErasures(each, service, erase)));
    expect(both.some(({ status }) => status === 'fulfilled')).toBe(true);
    const rows = await asOwner<{ jws: string }>(
      server.urls,
      `SELECT jws FROM erasure WHERE service = '${service}'`,
    );
    const leaves = rows.flatMap(({ jws }) => {
      const [, body = ''] = jws.split('.');
      return (JSON.parse(Buffer.from(body, 'base64url').toString()) as { leaves: number[][] }).leaves;
    });
    expect(new Set(leaves.map(String)).size).toBe(leaves.length);
    expect((await getReferral(senders[0], sent.referral)).erasedBy).toEqual(['target']);
  });
});
