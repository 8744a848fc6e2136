import { sha256 } from '#sha256';
import { fromBase64url, newId, randomBytes, toBase64url } from '../../protocol/encoding/bytes.js';
import { parseProfile, requireDeclarable } from '../../protocol/directory/profile.js';
import { strictText } from '../../protocol/encoding/json.js';
import { requirePlainText } from '../../protocol/encoding/plain-text.js';
import { ServiceProfile } from '../../protocol/schemas/service-profile.js';
import type { Device } from '../device/device.js';
import { normalProfile } from '../coordinator/profile-form.js';

/** What a service has free. What was stated too long ago is not `known`: then it says only since when. */
export interface Capacity {
  readonly known: boolean;
  readonly unit: string;
  /** Neither taken nor held. */
  readonly free?: number;
  readonly maximum?: number;
  /** People on the waiting list. */
  readonly waiting?: number;
  /** RFC 3339, UTC. */
  readonly updated: string;
}

/** What a service says it has free, in one unit. */
export interface StatedCapacity {
  readonly unit: 'place' | 'bed' | 'room' | 'appointment' | 'meal' | 'hour';
  /** Places that are not taken; held ones count among them. */
  readonly available: number;
  readonly maximum?: number;
  readonly waiting?: number;
}

/** What a service says of itself. */
export interface PublishedProfile {
  readonly profile: ServiceProfile | null;
  /** RFC 3339, UTC, by the server. */
  readonly published: string | null;
  readonly capacity: Capacity | null;
}

/** At least one of these; all that are given must hold. */
export interface Search {
  /** Words, compared by their first six letters and without accents. */
  readonly text?: string;
  /** BCP 47. */
  readonly language?: string;
  /** Code of the taxonomy; narrower ones are found as well. */
  readonly term?: string;
  /** Postal code. */
  readonly near?: string;
  readonly openNow?: boolean;
  /** With a place free, as far as is known. */
  readonly free?: boolean;
}

/** A service that was found, with what it has free as far as is known. */
export interface SearchedService {
  readonly id: string;
  readonly name: string;
  readonly organisation: { readonly id: string; readonly name: string };
  readonly status: 'open' | 'closed';
  readonly capacity: Capacity | null;
}

/** A place that is held: whoever knows the token can give it back. The server knows its hash alone. */
export interface PlaceHold {
  readonly token: string;
  /** RFC 3339, UTC, to the hour; at least 24 hours ahead. */
  readonly until: string;
}

/**
 * Publishes a service's profile, whole; by a coordinator's device of its organisation. What people write in
 * several ways is brought to its one form (`normalProfile`). Nothing leaves the device that is not of the
 * schema, whose texts are not plain, or that asks for a field that the charter refuses. Answers when, by the
 * server.
 * @throws ProfileRefused, Refused `text`, `refused-field`
 * @throws Problem `not_found` for a service that this device does not coordinate
 * @example
 * const published = await publishProfile(coordinator, service, profile);
 */
export async function publishProfile(
  device: Device,
  service: string,
  profile: ServiceProfile,
): Promise<string> {
  const normal = normalProfile(profile);
  const text = strictText(normal);
  requireDeclarable(normal, service, (await device.charter()).refusedFields);
  requirePlainText(ServiceProfile, normal);
  const path = `/v1/services/${service}/profile`;
  const body = { profile: text };
  const answer = await device.session.json<{ published: string }>({
    method: 'POST',
    path,
    idempotencyKey: newId(),
    body,
  });
  return answer.published;
}

/**
 * A service's profile and capacity; null where there is none.
 * @throws Refused for a profile that is not of the schema
 * @example
 * const { profile, capacity } = await getProfile(device, other);
 * show(profile, capacity?.known ? capacity.free : 'unknown');
 */
export async function getProfile(device: Device, service: string): Promise<PublishedProfile> {
  const path = `/v1/services/${service}/profile`;
  const answer = await device.session.json<ProfileAnswer>({ method: 'GET', path });
  return { ...answer, profile: readProfile(answer.profile) };
}

interface ProfileAnswer extends Omit<PublishedProfile, 'profile'> {
  readonly profile: string | null;
}

/** The server hands it out and controls every byte of it. */
export function readProfile(text: string | null): ServiceProfile | null {
  return text === null ? null : parseProfile(text);
}

/**
 * States what a service has free; by a device that works for it, or coordinates its organisation.
 * @throws Problem `not_found` for a service that is not this device's, `input_invalid`
 * @example
 * await setCapacity(device, service, { unit: 'bed', available: 3, maximum: 20 });
 */
export async function setCapacity(device: Device, service: string, capacity: StatedCapacity): Promise<void> {
  const path = `/v1/services/${service}/capacity`;
  await device.session.json({ method: 'POST', path, idempotencyKey: newId(), body: capacity });
}

/**
 * Every service that is what is sought. What is sought goes in bodies only, and is kept nowhere.
 * @throws Problem `input_invalid` where nothing is sought
 * @example
 * const found = await searchServices(device, { term: 'shelter', near: '1000', language: 'ar', free: true });
 */
export async function searchServices(device: Device, search: Search): Promise<SearchedService[]> {
  const found: SearchedService[] = [];
  let after: string | undefined;
  do {
    const page = await device.session.json<{ items: SearchedService[]; next?: string }>({
      method: 'POST',
      path: '/v1/services/search',
      // it changes nothing, so it may be repeated
      idempotencyKey: newId(),
      body: { ...search, limit: 100, ...(after !== undefined && { after }) },
    });
    found.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return found;
}

/**
 * Holds a place for 24 hours, before any consent and without a word about a person.
 * @throws Problem no_place
 * @example
 * const hold = await holdPlace(device, other);
 * await save(hold);
 */
export async function holdPlace(device: Device, service: string): Promise<PlaceHold> {
  const token = randomBytes(32);
  const path = `/v1/services/${service}/holds`;
  const body = { hold: toBase64url(sha256(token)) };
  const { until } = await device.session.json<{ until: string }>({
    method: 'POST',
    path,
    idempotencyKey: newId(),
    body,
  });
  return { token: toBase64url(token), until };
}

/**
 * Gives a held place back; doing so twice does no harm.
 * @throws Problem `input_invalid` for what is no token
 * @example
 * const hold = await holdPlace(device, other);
 * await endHold(device, hold);
 */
export async function endHold(device: Device, { token }: Pick<PlaceHold, 'token'>): Promise<void> {
  const body = { token: toBase64url(fromBase64url(token)) };
  await device.transport.json({ method: 'POST', path: '/v1/holds/end', idempotencyKey: newId(), body });
}
