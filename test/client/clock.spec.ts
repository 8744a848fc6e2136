import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Device, listServices, Receipt } from '../../src/client/index.js';
import { referSomebody } from '../../src/cli/demo/referral.js';
import { asOwner } from '../support/machines/database.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

const DAY_MS = 86_400_000;
const REAL = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'setImmediate',
  'nextTick',
  'queueMicrotask',
] as const;

/**
 * The server goes by its nonce, never by the hour that a phone believes it to be (docs/protocol/http.md,
 * *Proofs*).
 */
describe('a phone whose clock is wrong', () => {
  let server: FoundedServer;

  beforeAll(async () => {
    server = await givenNetwork();
  });
  afterEach(() => {
    jest.useRealTimers();
  });
  afterAll(() => server.stop());

  /** Sets the clock of this process, which the server's does not follow. */
  function setClock(days: number): void {
    jest.useFakeTimers({ now: jest.getRealSystemTime() + days * DAY_MS, doNotFake: [...REAL] });
  }

  it.each([-1, 1])('lets its worker in (%i days)', async (days) => {
    setClock(days);
    const device = await Device.start(server.network.laRuelle.worker.state);
    expect(await listServices(device)).toHaveLength(2);
  });

  it('lets its worker in when it is set while they work', async () => {
    const device = await Device.start(server.network.laRuelle.worker.state);
    for (const days of [0, 1, -1]) {
      setClock(days);
      await asOwner(server.urls, 'DELETE FROM access_token');
      expect(await listServices(device)).toHaveLength(2);
    }
  });

  it.each([-1, 1])('lets a person withdraw by the paper (%i days)', async (days) => {
    const { receiptCode } = await referSomebody(server.network, { calledName: 'Sam' });
    setClock(days);
    const receipt = await Receipt.fromCode(server.address, receiptCode);
    expect((await receipt.withdraw()).status).toBe('cancelled');
  });
});
