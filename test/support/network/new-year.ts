import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Device } from '../../../src/client/index.js';
import { foundDemo } from '../../../src/cli/demo/network.js';
import type { DatabaseUrls } from '../../../src/database/index.js';
import { givenDatabase, shiftClock } from '../machines/database.js';
import { givenServerProcess, type FoundedServer } from '../machines/process.js';

const DAY_MS = 86_400_000;

export interface OldYearsEve extends FoundedServer {
  /** The year that ends. */
  readonly year: number;
  /** Device and database agree on the day, so many days after the year's last but one. */
  readonly passDays: (days: number, urls?: DatabaseUrls) => Promise<void>;
  /** A device with the story's date. */
  readonly start: (state: Device['state']) => Promise<Device>;
  readonly clock: () => Date;
}

/** A network that was founded on the 30th of last December. */
export async function givenOldYearsEve(): Promise<OldYearsEve> {
  const urls = await givenDatabase();
  const year = new Date().getUTCFullYear() - 1;
  const ahead = Math.round((Date.UTC(year, 11, 30, 12) - Date.now()) / DAY_MS);
  let days = ahead;
  const passDays = async (passed: number, of = urls): Promise<void> => {
    days = ahead + passed;
    await shiftClock(of, `${days} days`);
  };
  await passDays(0);
  const clock = (): Date => new Date(Date.now() + days * DAY_MS);
  const server = await givenServerProcess(urls);
  const token = readFileSync(join(server.data, 'founding-token'), 'utf8').trim();
  const network = await foundDemo(server.address, token, {}, { clock });
  return { ...server, network, year, passDays, clock, start: (state) => Device.start(state, { clock }) };
}
