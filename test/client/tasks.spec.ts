import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  coordinatorTasks,
  Device,
  maintainKeys,
  proposeAgreement,
  readAgreement,
  signAgreement,
} from '../../src/client/index.js';
import { givenProposal } from '../support/network/agreements.js';
import { shiftClock } from '../support/machines/database.js';
import { inDays } from '../support/network/founders.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';
import { addDevice } from '../support/network/staff.js';

const DAY_MS = 86_400_000;

describe('what waits for a coordinator', () => {
  let server: FoundedServer;

  beforeAll(async () => {
    server = await givenNetwork();
  });
  afterEach(() => shiftClock(server.urls, '0 days'));
  afterAll(() => server.stop());

  it('is nothing, on the day of founding', async () => {
    expect(await coordinatorTasks(server.network.laRuelle.coordinator)).toEqual([]);
  });

  it('is an agreement to sign, and for both parties one that ends soon', async () => {
    const [first, other] = [server.network.laRuelle.coordinator, server.network.clinique.coordinator];
    const agreement = await proposeAgreement(first, await givenProposal(server));
    const kinds = async (device: Device) => (await coordinatorTasks(device)).map((task) => task.kind);
    expect(await kinds(first)).toEqual([]);
    expect(await coordinatorTasks(other)).toMatchObject([{ kind: 'agreement-to-sign', agreement }]);
    await signAgreement(other, await readAgreement(other, agreement));
    for (const party of [first, other])
      expect(await coordinatorTasks(party)).toMatchObject([{ kind: 'agreement-ends', agreement }]);
  });

  it('is a certificate that nobody has renewed, until somebody does', async () => {
    const { coordinator, service } = server.network.laRuelle;
    const until = inDays(await coordinator.today(), 10);
    const { id } = await addDevice(coordinator, service, { until });
    const task = { kind: 'certificate-ends', device: id, until };
    expect(await coordinatorTasks(coordinator)).toContainEqual(task);
    await maintainKeys(coordinator);
    expect(await coordinatorTasks(coordinator)).not.toContainEqual(task);
  });

  it('is a service without a key for the weeks to come, and no earlier', async () => {
    const { coordinator, service } = server.network.laRuelle;
    await shiftClock(server.urls, '120 days');
    const clock = () => new Date(Date.now() + 120 * DAY_MS);
    const later = await Device.start(coordinator.state, { clock });
    const kinds = async () => (await coordinatorTasks(later)).map((task) => task.kind);
    expect(await coordinatorTasks(later)).toContainEqual(
      expect.objectContaining({ kind: 'service-key-ends', service }),
    );
    await maintainKeys(later);
    expect(await kinds()).not.toContain('service-key-ends');
  });
});
