import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
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
  certifyRequests,
  invite,
} from '../../src/client/index.js';
import { referSomebody } from '../../src/cli/demo/referral.js';
import { newId, randomBytes, toBase64url } from '../../src/protocol/encoding/bytes.js';
import { deriveInvitation, requireCode } from '../../src/protocol/encoding/codes.js';
import { boxKey, type SigningKey } from '../../src/protocol/crypto/keys.js';
import { parseProof } from '../../src/protocol/log/proof.js';
import { readUnverified, sign } from '../../src/protocol/encoding/signed.js';
import { Database } from '../../src/database/index.js';
import { Jobs } from '../../src/server/common/jobs.js';
import { Clock } from '../../src/server/referrals/erasing/clock.js';
import { Caller } from '../support/requests/caller.js';
import { asOwner, shiftClock } from '../support/machines/database.js';
import { freshKey, jwkOf } from '../support/network/founders.js';
import { movedTo } from '../support/requests/impatient.js';
import { givenReferral, outcomesOf, storedOf } from '../support/network/makers.js';
import { rounds } from '../support/machines/rounds.js';
import { givenNetwork, type FoundedServer, type ServerProcess } from '../support/machines/process.js';

const ROUNDS = rounds(8, 250);
const PARALLEL = 20;
jest.setTimeout(rounds(60_000, 3_600_000));

/** Two server processes on one database; whatever happens at once must come out as if one after the other. */
describe('races over two processes', () => {
  let server: FoundedServer;
  let replica: ServerProcess;
  let receivers: Device[];

  beforeAll(async () => {
    server = await givenNetwork();
    replica = await server.replica();
    const { state } = server.network.clinique.worker;
    const there = movedTo(state, replica.address);
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
    const there = await Device.start(movedTo(state, replica.address));
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

  it('decides between the clock and an act: accepted and kept, or lapsed and gone', async () => {
    const database = new Database(server.urls);
    const clock = new Clock(database, new Jobs());
    try {
      for (let round = 0; round < ROUNDS; round++) {
        await shiftClock(server.urls, '0 days');
        const { referral } = await givenReferral(server, 'received');
        await shiftClock(server.urls, '20 days');
        const [{ taken, refused }] = await Promise.all([
          outcomesOf([0, 1].map((i) => act(receiver(i), referral, { event: 'accept' }))),
          clock.tick(),
        ]);
        const { status } = await getReferral(receiver(round), referral);
        expect({ taken, status, ...(await storedOf(server, referral)) }).toEqual({
          ...(taken === 1
            ? { taken, status: 'accepted', handoffs: 1, wraps: 3 }
            : { taken: 0, status: 'cancelled', handoffs: 0, wraps: 0 }),
          statements: 3,
        });
        for (const code of refused) expect(code).toBe('wrong_state');
      }
    } finally {
      await shiftClock(server.urls, '0 days');
      await database.close();
    }
  });

  it('gives an invitation to one of the devices that ask, whichever process each asks', async () => {
    const { coordinator, service } = server.network.laRuelle;
    for (let round = 0; round < ROUNDS; round++) {
      const code = await invite(coordinator, { role: 'worker', services: [service] });
      const { sign: key } = deriveInvitation(requireCode(code));
      const doors = await Promise.all(
        [0, 1, 2, 3].map((i) => Caller.code((i % 2 ? replica : server).address, key)),
      );
      const { network } = coordinator.state.network.trust;
      const answers = await Promise.all(
        doors.map((door) => door.post('/v1/invitation/request', { request: requestOf(network, key) }, null)),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
      const certified = await Promise.all([1, 2].map(() => certifyRequests(coordinator)));
      expect(certified.map(({ done }) => done.length).sort()).toEqual([0, 1]);
      for (const { refused } of certified) for (const { check } of refused) expect(check).toBe('not_found');
    }
  });

  it('loses nothing that was acknowledged when a process is killed', async () => {
    const sent: string[] = [];
    const doomed = await server.replica();
    const { state } = server.network.laRuelle.worker;
    const device = await Device.start(movedTo(state, doomed.address));
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

/** Keys of a device that nobody has seen before, signed with an invitation's code. */
function requestOf(network: string, code: SigningKey): string {
  const [auth, own, box] = [freshKey(), freshKey(), boxKey(randomBytes(32))];
  const keys = { auth: jwkOf(auth), key: toBase64url(own.publicKey) };
  const boxes = { box: toBase64url(box.publicKey), boxId: toBase64url(box.id) };
  return sign('device-request+jws', { network, ...keys, ...boxes }, code);
}
