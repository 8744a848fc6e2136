import { CAPACITY_STALE_HOURS } from '../../../protocol/registry/charter.js';
import { termWithParents } from '../../../protocol/directory/taxonomy.js';
import type { ServiceProfile } from '../../../protocol/schemas/service-profile.js';
import { wordsOf } from '../search/search.rules.js';
import {
  capacityObject,
  locationObject,
  locationParts,
  organizationObject,
  partId,
  serviceObject,
  serviceParts,
  termId,
  type CapacityRow,
  type HsdsObject,
  type ServiceRow,
} from './objects.js';

/** A service as the lists filter and show it. */
export interface ServiceView {
  readonly id: string;
  readonly organisation: string;
  readonly modified: Date;
  readonly words: ReadonlySet<string>;
  /** Ids of its terms and of the wider ones. */
  readonly terms: ReadonlySet<string>;
  readonly area: readonly string[];
  readonly listed: HsdsObject;
  readonly full: HsdsObject;
  readonly capacity: CapacityRow | null;
  /** Absent where no profile says of a place. */
  readonly location?: LocationView;
}

/** A service at its location: the same service, seen from the door. */
export interface LocationView {
  readonly id: string;
  readonly listed: HsdsObject;
  readonly full: HsdsObject;
}

export interface OrganisationView {
  readonly id: string;
  readonly words: ReadonlySet<string>;
  readonly listed: HsdsObject;
}

export function organisationView({
  id,
  name,
}: {
  readonly id: string;
  readonly name: string;
}): OrganisationView {
  return { id, words: new Set(wordsOf(name)), listed: organizationObject(id, name) };
}

export function serviceView(row: ServiceRow): ServiceView {
  const { id, organisationId: organisation, modified, capacity } = row;
  const profile = row.profile === null ? undefined : (JSON.parse(row.profile) as ServiceProfile);
  const listed = serviceObject(row, profile);
  const location = profile && locationView(listed, profile);
  const parts = profile && serviceParts(id, profile);
  const relais = profile && {
    eligibility: profile.eligibility,
    intake: profile.intake,
    lastChecked: profile.lastChecked,
  };
  const texts = [row.name, row.organisationName, ...Object.values(profile?.description ?? {})];
  return {
    id,
    organisation,
    modified,
    capacity,
    words: new Set(texts.flatMap(wordsOf)),
    terms: new Set(profile?.terms.flatMap(termWithParents).map(({ code }) => termId(code))),
    area: profile?.area ?? [],
    listed,
    full: { ...listed, ...parts, service_at_locations: location ? [location.nested] : [], relais },
    ...(location && { location: location.view }),
  };
}

function locationView(
  service: HsdsObject,
  profile: ServiceProfile,
): { readonly view: LocationView; readonly nested: HsdsObject } {
  const id = String(service['id']);
  const location = locationObject(id, profile);
  const own = { id: partId(id, 'service-at-location'), service_id: id, location_id: location['id'] };
  const nested = { ...own, location: { ...location, ...locationParts(id, profile) } };
  const view = { id: own.id, listed: { ...own, location, service }, full: { ...nested, service } };
  return { view, nested };
}

/** With its capacity, while that is known: what was stated too long ago says nothing. */
export function fullService({ id, full, capacity }: ServiceView, now: Date): HsdsObject {
  const stale = now.getTime() - CAPACITY_STALE_HOURS * 3_600_000;
  const isKnown = capacity !== null && Date.parse(capacity.updated) > stale;
  return { ...full, capacities: isKnown ? [capacityObject(id, capacity)] : [] };
}
