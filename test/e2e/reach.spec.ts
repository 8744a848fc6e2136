import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { givenSend, outcomesOf, postSend, storedOf } from '../support/makers.js';
import { givenNetwork, type FoundedServer } from '../support/process.js';

describe('a charter that asks for agreements', () => {
  let server: FoundedServer;

  beforeAll(async () => {
    server = await givenNetwork(undefined, { reach: 'agreement' });
  });
  afterAll(() => server.stop());

  it('lets nothing be sent while no agreement is in force, and keeps nothing of it', async () => {
    const { body } = await givenSend(server.network);
    const outcome = await outcomesOf([postSend(server.network.laRuelle.worker, body)]);
    expect(outcome).toEqual({ taken: 0, refused: ['agreement_required'] });
    expect(await storedOf(server, body.referral)).toEqual({ handoffs: 0, wraps: 0, statements: 0 });
  });
});
