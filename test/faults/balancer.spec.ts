import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Device, listServices, Receipt } from '../../src/client/index.js';
import { referSomebody } from '../../src/cli/demo/referral.js';
import { givenNetwork, type FoundedServer, type ServerProcess } from '../support/machines/process.js';

type Fetch = typeof globalThis.fetch;

/** Several processes under one name, of which each takes the proofs under its own nonces only. */
describe('processes behind one name', () => {
  let server: FoundedServer;
  let twins: ServerProcess[] = [];
  let asked = 0;

  beforeAll(async () => {
    server = await givenNetwork();
    twins = [await server.twin(), await server.twin()];
  }, 120_000);
  afterAll(async () => {
    for (const twin of twins) await twin.kill();
    await server.stop();
  });

  /** A balancer that sends the n-th request to the process that `turn` says. */
  function balanced(turn: (n: number) => number): Fetch {
    return (url, init) => {
      const { address: to } = [server, ...twins][turn(asked++)] ?? server;
      return fetch(String(url instanceof Request ? url.url : url).replace(server.address, to), init);
    };
  }

  async function worker(turn: (n: number) => number): Promise<Device> {
    return Device.start(server.network.laRuelle.worker.state, { fetch: balanced(turn) });
  }

  /** Requests that one list costs, once the device has a token. */
  async function costOf(device: Device, lists: number): Promise<number> {
    await listServices(device);
    await listServices(device);
    const before = asked;
    for (let n = 0; n < lists; n++) expect(await listServices(device)).toHaveLength(2);
    return (asked - before) / lists;
  }

  it('cost nothing where the balancer keeps a client at one of them, and one request where it moves it', async () => {
    let home = 0;
    const device = await worker(() => home);
    expect(await costOf(device, 5)).toBe(1);
    home = 1;
    asked = 0;
    expect(await listServices(device)).toHaveLength(2);
    expect(asked).toBe(2);
    expect(await costOf(device, 5)).toBe(1);
  });

  it.each([2, 3])(
    'serve a client that comes to another of %i with each request, once each had its turn',
    async (count) => {
      const device = await worker((n) => n % count);
      expect(await costOf(device, 5)).toBe(count + 1);
    },
  );

  it('serve many at once, in whatever order they come', async () => {
    const device = await worker((n) => n % 2);
    const lists = await Promise.all(Array.from({ length: 20 }, () => listServices(device)));
    for (const list of lists) expect(list).toHaveLength(2);
  });

  it('let a person withdraw', async () => {
    const { receiptCode } = await referSomebody(server.network, { calledName: 'Sam' });
    const receipt = await Receipt.fromCode(
      server.address,
      receiptCode,
      balanced((n) => n % 2),
    );
    expect((await receipt.withdraw()).status).toBe('cancelled');
  });

  it('let a device in again when the one it was at was killed', async () => {
    let home = 0;
    const device = await worker(() => home);
    await listServices(device);
    const [first] = twins;
    home = 1;
    await listServices(device);
    await first?.kill();
    twins[0] = (await first?.again()) ?? server;
    expect(await listServices(device)).toHaveLength(2);
  });
});
