import { bytesToId, utf8 } from '../../../protocol/encoding/bytes.js';
import { sha256 } from '../../../protocol/crypto/sha256.js';
import { TAXONOMY, termWithParents, type TaxonomyTerm } from '../../../protocol/directory/taxonomy.js';
import type { Schedule, ServiceProfile } from '../../../protocol/schemas/service-profile.js';

/** An object of HSDS 3.0, in its own member names; what is undefined is left out of the answer. */
export type HsdsObject = Readonly<Record<string, unknown>>;

export interface ServiceRow {
  readonly id: string;
  readonly name: string;
  readonly status: 'open' | 'closed';
  readonly organisationId: string;
  readonly organisationName: string;
  readonly profile: string | null;
  readonly modified: Date;
  readonly capacity: CapacityRow | null;
}

export interface CapacityRow {
  readonly unit: string;
  readonly available: number;
  readonly maximum: number | null;
  /** RFC 3339, UTC. */
  readonly updated: string;
}

/**
 * HSDS wants an id for every part. Ours have none, so each is derived from where it stands: the same each
 * time.
 */
export function partId(...path: readonly string[]): string {
  return bytesToId(sha256(utf8(`relais/hsds/v1\n${path.join('\n')}`)).slice(0, 16));
}

export function organizationObject(id: string, name: string): HsdsObject {
  return { id, name, description: 'A member of this Relais network.' };
}

/** The one-to-one members of a service. */
export function serviceObject(row: ServiceRow, profile: ServiceProfile | undefined): HsdsObject {
  const age = profile?.eligibility.rules.find((rule) => rule.about === 'age');
  const about = profile?.eligibility.description;
  return {
    id: row.id,
    organization_id: row.organisationId,
    name: row.name,
    description: profile && textOf(profile.description, profile),
    url: profile?.url,
    email: profile?.email,
    status: row.status === 'open' ? 'active' : 'temporarily closed',
    eligibility_description: profile && about && textOf(about, profile),
    minimum_age: age && 'atLeast' in age ? age.atLeast : undefined,
    maximum_age: age && 'atMost' in age ? age.atMost : undefined,
    assured_date: profile?.lastChecked.on,
    last_modified: row.modified.toISOString(),
    organization: organizationObject(row.organisationId, row.organisationName),
  };
}

/** The members of a service that are lists. */
export function serviceParts(id: string, profile: ServiceProfile): HsdsObject {
  return {
    phones: profile.phones.map(({ number, description }, i) => ({
      id: partId(id, 'phone', String(i)),
      service_id: id,
      number,
      description: description && textOf(description, profile),
    })),
    schedules: profile.hours.map((schedule, i) => scheduleObject(schedule, id, i)),
    service_areas: profile.area.map((name) => ({ id: partId(id, 'area', name), service_id: id, name })),
    languages: profile.languages.map((code) => ({ id: partId(id, 'language', code), service_id: id, code })),
    attributes: profile.terms
      .flatMap((code) => termWithParents(code).slice(0, 1))
      .map((term) => ({
        id: partId(id, 'attribute', term.code),
        link_id: id,
        taxonomy_term_id: termId(term.code),
        link_type: 'service_type',
        link_entity: 'service',
        taxonomy_term: termObject(term),
      })),
  };
}

/** RFC 5545 parts under HSDS's names. */
function scheduleObject(schedule: Schedule, service: string, place: number): HsdsObject {
  const { freq, interval, dtstart, until, byday, bymonthday, opensAt, closesAt } = schedule;
  return {
    id: partId(service, 'schedule', String(place)),
    service_id: service,
    freq,
    interval,
    dtstart,
    until,
    wkst: 'MO',
    byday: byday?.join(','),
    bymonthday: bymonthday?.join(','),
    opens_at: opensAt,
    closes_at: closesAt,
  };
}

/** A redacted location says that there is one, and has no address to say. */
export function locationObject(service: string, profile: ServiceProfile): HsdsObject {
  const { location } = profile;
  return {
    id: partId(service, 'location'),
    location_type: location.kind === 'virtual' ? 'virtual' : 'physical',
    ...(location.kind === 'redacted' && { redacted: true }),
  };
}

export function locationParts(service: string, profile: ServiceProfile): HsdsObject {
  const { location, accessibility } = profile;
  return {
    addresses: location.kind === 'physical' ? [addressObject(service, location.address)] : [],
    accessibility: accessibility.map((texts, i) => ({
      id: partId(service, 'accessibility', String(i)),
      location_id: partId(service, 'location'),
      description: textOf(texts, profile),
    })),
  };
}

type Address = Extract<ServiceProfile['location'], { kind: 'physical' }>['address'];

function addressObject(service: string, address: Address): HsdsObject {
  return {
    id: partId(service, 'address'),
    location_id: partId(service, 'location'),
    address_1: address.line1,
    address_2: address.line2,
    city: address.city,
    state_province: address.province,
    postal_code: address.postcode,
    country: address.country,
    address_type: 'physical',
  };
}

/** HSDS 3.1-dev's `service_capacity` with its `unit`. */
export function capacityObject(
  service: string,
  { unit, available, maximum, updated }: CapacityRow,
): HsdsObject {
  return {
    id: partId(service, 'capacity'),
    service_id: service,
    unit: { id: partId('unit', unit), name: unit },
    available,
    maximum: maximum ?? undefined,
    updated,
  };
}

export const TAXONOMY_OBJECT: HsdsObject = {
  id: partId('taxonomy'),
  name: 'Relais service types',
  description: 'Types of service that a referral can be for, by their purpose.',
  version: '1',
};

export const TERM_OBJECTS: readonly HsdsObject[] = TAXONOMY.map(termObject);

export function termId(code: string): string {
  return partId('taxonomy', code);
}

function termObject({ code, parent, labels }: TaxonomyTerm): HsdsObject {
  return {
    id: termId(code),
    code,
    name: labels.en,
    description: `${labels.fr} · ${labels.nl}`,
    parent_id: parent === undefined ? undefined : termId(parent),
    taxonomy: TAXONOMY_OBJECT['name'],
    taxonomy_detail: TAXONOMY_OBJECT,
    taxonomy_id: TAXONOMY_OBJECT['id'],
    language: 'en',
  };
}

/** HSDS has one text: it is the one in the first of the service's languages that has one. */
function textOf(texts: Readonly<Record<string, string>>, { languages }: ServiceProfile): string {
  const language = languages.find((each) => Object.hasOwn(texts, each));
  return language === undefined ? (Object.values(texts)[0] ?? '') : (texts[language] ?? '');
}
