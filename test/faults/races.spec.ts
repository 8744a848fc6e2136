import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  acknowledge,
  act,
  Device,
  findService,
  getReferral,
  openReferral,
  Receipt,
  recordConsent,
  sealReferral,
  sendReferral,
  fetchProofs,
} from '../../src/client/index.js';
import { referSomebody } from '../../src/cli/demo/referral.js';
import { newId } from '../../src/protocol/bytes.js';
import { parseProof } from '../../src/protocol/log/proof.js';
import { readUnverified } from '../../src/protocol/signed.js';
import { asOwner } from '../support/database.js';
import { givenNetwork, type FoundedServer, type ServerProcess } from '../support/process.js';

const ROUNDS = Number(process.env['RELAIS_TEST_ROUNDS'] ?? 8);
const PARALLEL = 20;

/** Two server processes on one database; whatever happens at once must come out as if one after the other. */
describe('races over two processes', () => {
  let server: FoundedServer;
  let replica: ServerProcess;
  let receivers: Device[];

  beforeAll(async () => {
    server = await givenNetwork();
    replica = await server.replica();
    const { state } = server.network.clinique.worker;
    const there = { ...state, network: { ...state.network, issuer: replica.address } };
    receivers = [server.network.clinique.worker, await Device.start(there)];
    for (const receiver of receivers) await receiver.takeGrants();
  });
  afterAll(async () => {
    await replica.kill();
    await server.stop();
  });

  function receiver(i: number): Device {
    return receivers[i % 2] as Device;
  }

  it('has one winner of twenty acceptances', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { referral } = await referSomebody(server.network, { calledName: 'Sam' });
      await acknowledge(receiver(round), referral);
      const outcomes = await Promise.allSettled(
        Array.from({ length: PARALLEL }, (_, i) => act(receiver(i), referral, { event: 'accept' })),
      );
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'wrong_state' });
    }
  });

  it('decides between withdrawing and acknowledging, and discloses nothing after a withdrawal', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { referral, receiptCode } = await referSomebody(server.network, { calledName: 'Sam' });
      await fetchProofs(receiver(round), referral);
      const receipt = await Receipt.fromCode(round % 2 ? server.address : replica.address, receiptCode);
      const [withdrawn] = await Promise.allSettled([
        receipt.withdraw(),
        acknowledge(receiver(round), referral),
      ]);
      expect(withdrawn.status).toBe('fulfilled');
      expect(await getReferral(receiver(round), referral)).toMatchObject({
        status: 'cancelled',
        consentState: 'withdrawn',
      });
      await expect(openReferral(receiver(round), referral)).rejects.toMatchObject({
        code: 'consent_inactive',
      });
      await requireTrueOrder(receiver(round), referral);
    }
  });

  /** In the log: received, if at all, before withdrawn. */
  async function requireTrueOrder(device: Device, referral: string): Promise<void> {
    const statements = await fetchProofs(device, referral);
    const placed = statements.map(({ jws, proof }) => ({
      kind: (readUnverified(jws).payload as { kind: string }).kind,
      index: parseProof(proof).index,
    }));
    expect(placed.at(-1)?.kind).toBe('consent.withdrawn');
    expect(placed.filter(({ kind }) => kind === 'consent.withdrawn')).toHaveLength(1);
    for (const [i, { index }] of placed.entries())
      if (i > 0) expect(index).toBeGreaterThan(placed[i - 1]?.index ?? 0n);
  }

  it('logs one of ten withdrawals, and all ten are told that it is done', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { referral, receiptCode } = await referSomebody(server.network, { calledName: 'Sam' });
      const doors = await Promise.all(
        Array.from({ length: 10 }, (_, i) =>
          Receipt.fromCode(i % 2 ? server.address : replica.address, receiptCode),
        ),
      );
      const answers = await Promise.all(doors.map((door) => door.withdraw()));
      for (const { status } of answers) expect(status).toBe('cancelled');
      const rows = await asOwner<{ n: number }>(
        server.urls,
        `SELECT count(*)::int AS n FROM statement WHERE referral = '${referral}'`,
      );
      expect(rows[0]?.n).toBe(3);
    }
  });

  it('withdraws against every act at once, and nothing is left of the content', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { referral, receiptCode } = await referSomebody(server.network, { calledName: 'Sam' });
      await acknowledge(receiver(round), referral);
      await act(receiver(round), referral, { event: 'accept' });
      const receipt = await Receipt.fromCode(server.address, receiptCode);
      const [withdrawn] = await Promise.allSettled([
        receipt.withdraw(),
        act(receiver(0), referral, { event: 'complete', outcome: 'service-provided' }),
        act(receiver(1), referral, { event: 'fail', statusReason: 'could-not-contact' }),
        act(server.network.laRuelle.worker, referral, { event: 'recall', statusReason: 'duplicate' }),
      ]);
      expect(withdrawn.status).toBe('fulfilled');
      const rows = await asOwner<{ n: number; state: string }>(
        server.urls,
        `SELECT (SELECT count(*) FROM handoff WHERE referral = '${referral}')::int
          + (SELECT count(*) FROM handoff_wrap WHERE referral = '${referral}')::int AS n,
          (SELECT consent_state FROM referral WHERE id = '${referral}') AS state`,
      );
      expect(rows[0]).toEqual({ n: 0, state: 'withdrawn' });
    }
  });

  it('takes one release of a consent, whichever process is asked', async () => {
    const { laRuelle, clinique } = server.network;
    const { state } = laRuelle.worker;
    const there = await Device.start({ ...state, network: { ...state.network, issuer: replica.address } });
    for (let round = 0; round < ROUNDS; round++) {
      const { sealed } = await sealReferral(laRuelle.worker, {
        from: laRuelle.service,
        to: await findService(laRuelle.worker, clinique.service),
        consent: recordConsent(await laRuelle.worker.charter(), await laRuelle.worker.today(), {
          purpose: 'shelter',
          fields: ['calledName'],
          language: 'fr',
          modality: 'spoken',
          representation: 'none',
          alternativesOffered: [],
          teachBack: true,
        }),
        record: { calledName: 'Sam' },
        priority: 'routine',
      });
      const outcomes = await Promise.allSettled(
        Array.from({ length: 8 }, (_, i) =>
          sendReferral(i % 2 ? laRuelle.worker : there, { ...sealed, idempotencyKey: newId() }),
        ),
      );
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'consent_used' });
    }
  });

  it('loses nothing that was acknowledged when a process is killed', async () => {
    const sent: string[] = [];
    const doomed = await server.replica();
    const { state } = server.network.laRuelle.worker;
    const device = await Device.start({ ...state, network: { ...state.network, issuer: doomed.address } });
    const network = { ...server.network, laRuelle: { ...server.network.laRuelle, worker: device } };
    const sending = (async () => {
      for (;;) sent.push((await referSomebody(network, { calledName: 'Sam' })).referral);
    })().catch(() => undefined);
    while (sent.length < 5) await new Promise((done) => setTimeout(done, 20));
    await doomed.kill();
    for (const referral of sent) {
      expect((await getReferral(receiver(0), referral)).status).toBe('requested');
      expect(await fetchProofs(receiver(0), referral)).toHaveLength(2);
    }
    await sending;
  });
});
