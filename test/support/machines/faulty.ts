import { join } from 'node:path';
import type { DatabaseUrls } from '../../../src/database/index.js';
import { givenNetwork, type FoundedServer } from './process.js';
import { Proxy } from './proxy.js';

/** A founded server whose ways to its database fail as they are told to, each login by its own. */
export interface FaultyNetwork {
  readonly server: FoundedServer;
  readonly proxies: { readonly application: Proxy; readonly sequencer: Proxy };
}

export async function givenFaultyNetwork(urls: DatabaseUrls): Promise<FaultyNetwork> {
  const sockets = new URL(urls.owner).searchParams.get('host') ?? '';
  const socket = join(sockets, '.s.PGSQL.5432');
  const proxies = { application: await Proxy.to(socket), sequencer: await Proxy.to(socket) };
  const server = await givenNetwork({
    owner: urls.owner,
    application: proxies.application.through(urls.application),
    sequencer: proxies.sequencer.through(urls.sequencer),
  });
  return { server, proxies };
}
