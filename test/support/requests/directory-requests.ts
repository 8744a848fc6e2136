import { publishProfile, setCapacity } from '../../../src/client/index.js';
import { randomBytes, toBase64url } from '../../../src/protocol/encoding/bytes.js';
import { givenProfile } from '../network/profiles.js';
import type { FoundedServer } from '../machines/process.js';

/** What a route is asked with. */
export interface Asked {
  readonly params?: Readonly<Record<string, string>>;
  readonly body?: object;
}

/** How the routes of the directory are asked: the Clinique has published what it is and has places. */
export async function directoryRequests({
  address,
  network,
}: FoundedServer): Promise<Readonly<Record<string, () => Asked>>> {
  const { laRuelle, clinique } = network;
  const profile = givenProfile(await clinique.coordinator.today());
  await publishProfile(clinique.coordinator, clinique.service, profile);
  await setCapacity(clinique.coordinator, clinique.service, { unit: 'bed', available: 100_000 });
  const firstOf = async (kind: string): Promise<string> => {
    const page = (await (await fetch(`${address}/hsds/${kind}`)).json()) as { contents: { id: string }[] };
    return page.contents[0]?.id ?? '';
  };
  const kinds = ['organizations', 'service_at_locations', 'services', 'taxonomies', 'taxonomy_terms'];
  const ids = await Promise.all(kinds.map(firstOf));
  const own = { params: { id: laRuelle.service } };
  const theirs = { params: { id: clinique.service } };
  return {
    ...Object.fromEntries(
      kinds.map((kind, i) => [`GET /hsds/${kind}/:id`, () => ({ params: { id: ids[i] ?? '' } })]),
    ),
    'GET /v1/services/:id/profile': () => theirs,
    'POST /v1/services/:id/profile': () => ({ ...own, body: { profile: JSON.stringify(profile) } }),
    'POST /v1/services/:id/capacity': () => ({ ...own, body: { unit: 'place', available: 3 } }),
    'POST /v1/services/:id/holds': () => ({ ...theirs, body: { hold: toBase64url(randomBytes(32)) } }),
    'POST /v1/holds/end': () => ({ body: { token: toBase64url(randomBytes(32)) } }),
    'POST /v1/services/search': () => ({ body: { term: 'shelter' } }),
  };
}
