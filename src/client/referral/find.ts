import { utf8 } from '../../protocol/encoding/bytes.js';
import { refuse } from '../../protocol/encoding/errors.js';
import { leafHash } from '../../protocol/log/merkle.js';
import { provisional } from '../../protocol/log/policy.js';
import { verifyProof } from '../../protocol/log/proof.js';
import type { RegisteredServiceKey } from '../../protocol/registry/registry.js';
import { currentEpoch } from '../../protocol/registry/registry-keys.js';
import type { ServiceProfile } from '../../protocol/schemas/service-profile.js';
import type { Device } from '../device/device.js';
import { readProfile } from './directory.js';
import { readAll } from '../device/pages.js';

/** A service as the server lists it: good to choose from; `findService` gives the key to seal to. */
export interface ListedService {
  readonly id: string;
  readonly name: string;
  readonly organisation: { readonly id: string; readonly name: string };
  readonly status: 'open' | 'closed';
}

/** A service with the key to seal to: taken from the registry, never from whoever handed it out. */
export interface FoundService extends ListedService {
  readonly key: RegisteredServiceKey;
  /** What it published of itself; null where it did not. */
  readonly profile: ServiceProfile | null;
}

interface ServiceAnswer extends ListedService {
  readonly serviceKey: string;
  readonly proof: string;
  readonly profile: string | null;
}

/** One page of the list of services; `next` is what to ask with as `after`, and absent on the last one. */
export interface ServicePage {
  readonly items: readonly ListedService[];
  readonly next?: string;
}

/**
 * One page of the network's services, by name, for whoever shows them page by page.
 * @throws Problem `input_invalid` for a cursor or a limit that is none
 * @example
 * const { items, next } = await pageServices(device, { limit: '20' });
 * show(items, next);
 */
export async function pageServices(
  device: Device,
  query: { readonly after?: string | undefined; readonly limit?: string | undefined } = {},
): Promise<ServicePage> {
  return device.session.json({ method: 'GET', path: '/v1/services', query });
}

/**
 * Every service of the network.
 * @throws Problem `unauthorised` where the device was revoked
 * @example
 * for (const { id, name, status } of await listServices(device)) show(id, name, status);
 */
export async function listServices(device: Device): Promise<ListedService[]> {
  return readAll(device.session, '/v1/services');
}

/**
 * One service with its present key. The answer's proof must hold, **and** the followed registry must show the
 * same key as current: inclusion alone does not prove that a key was not revoked or replaced since.
 * @throws Problem `not_found`; Refused `key-not-current` where the registry shows no present key, or another
 * @example
 * const target = await findService(device, other);
 * show(target.name, target.profile);
 */
export async function findService(device: Device, id: string): Promise<FoundService> {
  // the month may turn between the answer and the look at the day
  return (await lookUp(device, id)) ?? (await lookUp(device, id)) ?? refuse('key-not-current');
}

async function lookUp(device: Device, id: string): Promise<FoundService | undefined> {
  const path = `/v1/services/${id}`;
  const {
    serviceKey,
    proof,
    profile: text,
    ...listed
  } = await device.session.json<ServiceAnswer>({ method: 'GET', path });
  const registry = await device.registry();
  verifyProof(proof, leafHash(utf8(serviceKey)), provisional(device.follower.policy));
  const key = currentEpoch(registry, id, await device.today());
  if (!key || listed.id !== id || registry.entries[key.index] !== serviceKey) return undefined;
  return {
    ...listed,
    name: key.service.name,
    organisation: key.organisation,
    key,
    profile: readProfile(text),
  };
}
