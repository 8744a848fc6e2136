import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp } from '../../src/app.js';
import { foundDemo } from '../../src/cli/demo/network.js';
import { readConfig } from '../../src/server/config/index.js';
import { givenDatabase } from '../support/machines/database.js';
import { freePort, type FoundedServer } from '../support/machines/process.js';

/**
 * In place of the one in `process.ts`: the server runs in this process, out of the sources that are mutated.
 */
export async function givenNetwork(): Promise<Pick<FoundedServer, 'address' | 'urls' | 'data' | 'network'>> {
  const data = mkdtempSync(join(tmpdir(), 'relais-mutation-'));
  const urls = await givenDatabase();
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const config = readConfig({
    RELAIS_DATA: data,
    RELAIS_ISSUER: address,
    RELAIS_REQUESTS_PER_MINUTE: '100000',
    DATABASE_URL: urls.application,
    DATABASE_OWNER_URL: urls.owner,
    DATABASE_SEQUENCER_URL: urls.sequencer,
  });
  const app = await createApp(config);
  await app.listen(port, '127.0.0.1');
  const token = readFileSync(join(data, 'founding-token'), 'utf8').trim();
  return { address, urls, data, network: await foundDemo(address, token) };
}
