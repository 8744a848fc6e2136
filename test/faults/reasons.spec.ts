import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { setCapacity } from '../../src/client/index.js';
import { newId, randomBytes, toBase64url } from '../../src/protocol/encoding/bytes.js';
import { Caller } from '../support/requests/caller.js';
import { givenReferral, givenSend } from '../support/network/makers.js';
import { givenNetwork, type FoundedServer, type ServerProcess } from '../support/machines/process.js';
import { rounds } from '../support/machines/rounds.js';

const ROUNDS = rounds(16, 400);
jest.setTimeout(rounds(240_000, 3_600_000));

/**
 * Eight equal requests at once with three keys, over two processes: each is told what is so, and no guess.
 */
describe('of equal requests at once, whoever is refused', () => {
  let server: FoundedServer;
  let replica: ServerProcess;
  let sender: Caller;
  let receiver: Caller;

  beforeAll(async () => {
    server = await givenNetwork();
    replica = await server.replica();
    sender = await Caller.of(server.network.laRuelle.worker.state);
    receiver = await Caller.of(server.network.clinique.worker.state);
    for (const caller of [sender, receiver]) expect(await caller.authenticate()).toBe(200);
    await setCapacity(server.network.clinique.worker, server.network.clinique.service, CAPACITY);
  });
  afterAll(async () => {
    await replica.kill();
    await server.stop();
  });

  /** Codes of the refusals, and how many were taken. */
  async function eight(caller: Caller, path: string, body: object): Promise<(string | undefined)[]> {
    const doors = [caller.at(server.address), caller.at(replica.address)];
    for (const door of doors) await door.get('/v1/services');
    const keys = [newId(), newId(), newId()];
    const answers = await Promise.all(
      Array.from({ length: 8 }, async (_, i) => doors[i % 2]?.post(path, body, keys[i % 3])),
    );
    expect(answers.some((answer) => (answer?.status ?? 0) < 300)).toBe(true);
    return answers.filter((answer) => answer?.status !== 200 && answer?.status !== 201).map((a) => a?.code);
  }

  /** What would be true of somebody else's faster request, or of one's own that is still at work. */
  async function refusalsOf(act: () => Promise<(string | undefined)[]>): Promise<Set<string | undefined>> {
    const codes = new Set<string | undefined>();
    for (let round = 0; round < ROUNDS; round++) for (const code of await act()) codes.add(code);
    codes.delete('in_progress');
    return codes;
  }

  it('of a send hears that the consent was used', async () => {
    const codes = await refusalsOf(async () => {
      const { body } = await givenSend(server.network);
      return eight(sender, '/v1/referrals', body);
    });
    expect([...codes]).toEqual(['consent_used']);
  });

  it('of an act hears that the state is another', async () => {
    const codes = await refusalsOf(async () => {
      const { referral } = await givenReferral(server, 'received');
      return eight(receiver, `/v1/referrals/${referral}/transitions`, {
        event: 'decline',
        statusReason: 'no-capacity',
      });
    });
    expect([...codes]).toEqual(['wrong_state']);
  });

  it('of a capacity and of a place held is told nothing that is not so', async () => {
    const { service } = server.network.clinique;
    const stated = await refusalsOf(() => eight(receiver, `/v1/services/${service}/capacity`, CAPACITY));
    expect([...stated]).toEqual([]);
    const held = await refusalsOf(() =>
      eight(sender, `/v1/services/${service}/holds`, { hold: toBase64url(randomBytes(32)) }),
    );
    expect([...held]).toEqual(['wrong_state']);
  });
});

const CAPACITY = { unit: 'bed', available: 10_000 } as const;
