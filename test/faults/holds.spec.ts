import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  Device,
  endHold,
  getProfile,
  holdPlace,
  setCapacity,
  type PlaceHold,
} from '../../src/client/index.js';
import { Database } from '../../src/database/index.js';
import { Jobs } from '../../src/server/common/jobs.js';
import { HoldsClock } from '../../src/server/directory/capacity/holds.clock.js';
import { asOwner } from '../support/machines/database.js';
import { movedTo } from '../support/requests/impatient.js';
import { outcomesOf } from '../support/network/makers.js';
import { givenNetwork, type FoundedServer, type ServerProcess } from '../support/machines/process.js';
import { rounds } from '../support/machines/rounds.js';

const ROUNDS = rounds(12, 300);
const PLACES = 4;
jest.setTimeout(rounds(120_000, 3_600_000));

/** Two server processes on one database, and the clock of both beside them. */
describe('places that are held, given back and run out at once', () => {
  let server: FoundedServer;
  let replica: ServerProcess;
  let devices: readonly Device[];
  let service: string;
  let database: Database;

  beforeAll(async () => {
    server = await givenNetwork();
    replica = await server.replica();
    ({ service } = server.network.clinique);
    const { state } = server.network.laRuelle.worker;
    devices = [server.network.laRuelle.worker, await Device.start(movedTo(state, replica.address))];
    database = new Database(server.urls);
  });
  afterAll(async () => {
    await database.close();
    await replica.kill();
    await server.stop();
  });

  const device = (i: number) => devices[i % 2] as Device;

  async function counted(): Promise<{ held: number; rows: number; available: number }> {
    const [row] = await asOwner<{ held: number; rows: number; available: number }>(
      server.urls,
      `SELECT held, available, (SELECT count(*)::int FROM place_hold h WHERE h.service = c.service) AS rows
       FROM service_capacity c WHERE service = '${service}'`,
    );
    if (!row) throw new Error('no capacity');
    return row;
  }

  it('are never more than there are, and each that is free is given', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      await setCapacity(server.network.clinique.worker, service, { unit: 'bed', available: PLACES });
      const holds: PlaceHold[] = [];
      const calls = Array.from({ length: PLACES * 3 }, async (_, i) =>
        holds.push(await holdPlace(device(i), service)),
      );
      const { taken, refused } = await outcomesOf(calls);
      expect({ taken, refused: new Set(refused) }).toEqual({ taken: PLACES, refused: new Set(['no_place']) });
      expect(await counted()).toEqual({ held: PLACES, rows: PLACES, available: PLACES });
      await Promise.all(holds.flatMap((hold, i) => [endHold(device(i), hold), endHold(device(i + 1), hold)]));
      expect(await counted()).toEqual({ held: 0, rows: 0, available: PLACES });
    }
  });

  it('stay right while some are ended, some run out and some are taken anew', async () => {
    const clocks = [new HoldsClock(database, new Jobs()), new HoldsClock(database, new Jobs())];
    for (let round = 0; round < ROUNDS; round++) {
      await setCapacity(server.network.clinique.worker, service, { unit: 'bed', available: PLACES });
      const holds = await Promise.all(
        Array.from({ length: PLACES }, (_, i) => holdPlace(device(i), service)),
      );
      await asOwner(server.urls, `UPDATE place_hold SET until = domain_now() - interval '1 hour'`);
      const anew: PlaceHold[] = [];
      const { refused } = await outcomesOf([
        ...clocks.map((clock) => clock.tick()),
        ...holds.map((hold, i) => endHold(device(i), hold)),
        ...Array.from({ length: PLACES * 2 }, async (_, i) => anew.push(await holdPlace(device(i), service))),
      ]);
      expect(refused.filter((code) => code !== 'no_place')).toEqual([]);
      for (const clock of clocks) await clock.tick();
      expect(anew.length).toBeLessThanOrEqual(PLACES);
      expect(await counted()).toEqual({ held: anew.length, rows: anew.length, available: PLACES });
      expect((await getProfile(device(round), service)).capacity?.free).toBe(PLACES - anew.length);
      await Promise.all(anew.map((hold, i) => endHold(device(i), hold)));
    }
  });
});
