import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { publishProfile, setCapacity } from '../../src/client/index.js';
import { TAXONOMY } from '../../src/protocol/directory/taxonomy.js';
import { newId } from '../../src/protocol/encoding/bytes.js';
import { SERVICE_PROFILE_EXAMPLE } from '../../src/protocol/schemas/example-profile.js';
import { shiftClock } from '../support/machines/database.js';
import { post } from '../support/network/makers.js';
import { givenProfile } from '../support/network/profiles.js';
import { givenNetwork, type FoundedServer, type ServerProcess } from '../support/machines/process.js';

type Json = Readonly<Record<string, unknown>>;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const PAGE = {
  total_items: expect.any(Number),
  total_pages: expect.any(Number),
  page_number: 1,
  size: expect.any(Number),
  first_page: true,
  last_page: true,
  empty: false,
};
const id = expect.stringMatching(UUID);
const text = expect.any(String);
const ORGANIZATION = { id, name: text, description: text };
/** What HSDS 3.0 requires of each object, and what we say beside it. */
const SERVICE = {
  id,
  name: text,
  status: 'active',
  organization_id: id,
  organization: ORGANIZATION,
  last_modified: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
};
const ADDRESS = {
  id,
  location_id: id,
  address_1: 'Rue Inventée 12',
  address_2: 'Boîte 3',
  city: 'Bruxelles',
  state_province: 'Bruxelles-Capitale',
  postal_code: '1000',
  country: 'BE',
  address_type: 'physical',
};
const TERM = {
  id,
  code: 'night-shelter',
  name: 'Night shelter',
  description: text,
  taxonomy_id: id,
  parent_id: id,
};

/**
 * The members and types that HSDS 3.0 requires; while building, every answer was held to its own schemas as
 * well.
 */
describe('the directory in HSDS 3.0', () => {
  let server: FoundedServer;
  let replica: ServerProcess;
  let service: string;
  let today: string;

  beforeAll(async () => {
    server = await givenNetwork();
    replica = await server.replica();
    ({ service } = server.network.clinique);
    const { coordinator } = server.network.clinique;
    today = await coordinator.today();
    const { hours, intake } = SERVICE_PROFILE_EXAMPLE;
    await publishProfile(coordinator, service, givenProfile(today, { hours, intake }));
    await setCapacity(coordinator, service, { unit: 'bed', available: 3, maximum: 12 });
  });
  afterAll(async () => {
    await replica.kill();
    await server.stop();
  });

  async function get(path: string, at: string = server.address): Promise<Json> {
    const response = await fetch(`${at}/hsds${path}`);
    expect([path, response.status]).toEqual([path, 200]);
    return (await response.json()) as Json;
  }

  async function contents(path: string): Promise<readonly Json[]> {
    return (await get(path))['contents'] as readonly Json[];
  }

  it('says which version it is, and where more stands', async () => {
    const { version, profile, openapi_url } = await get('');
    expect(version).toBe('3.0');
    for (const url of [profile, openapi_url]) expect((await fetch(String(url))).status).toBe(200);
  });

  it('lists services with their one-to-one members, in a page', async () => {
    const page = await get('/services');
    expect(page).toMatchObject({ ...PAGE, total_items: 2, total_pages: 1, size: 2 });
    const [described, bare] = page['contents'] as readonly Json[];
    expect(described).toMatchObject({
      ...SERVICE,
      description: SERVICE_PROFILE_EXAMPLE.description['fr'],
      url: 'https://nuit.example/accueil',
      email: 'accueil@nuit.example',
      minimum_age: 18,
      maximum_age: 99,
      eligibility_description: 'Femmes et familles, sans chien.',
      assured_date: today,
    });
    expect(Object.keys(described ?? {})).not.toContain('schedules');
    expect(bare).toMatchObject(SERVICE);
  });

  it('gives a service whole: schedules by RFC 5545, languages, types, places, and the rules that devices judge', async () => {
    const whole = await get(`/services/${service}`);
    expect(whole).toMatchObject({
      ...SERVICE,
      phones: [{ id, number: '+32 2 555 01 23' }],
      languages: ['fr', 'nl', 'ar'].map((code) => ({ id, code })),
      service_areas: ['1000', '1060'].map((name) => ({ id, name })),
      schedules: [
        {
          id,
          freq: 'WEEKLY',
          byday: 'MO,TU,WE,TH,FR,SA,SU',
          opens_at: '20:00',
          closes_at: '08:00',
          interval: 1,
          dtstart: '2026-11-02',
          until: '2027-04-30',
        },
        {
          id,
          freq: 'MONTHLY',
          byday: '1MO,-1FR',
          bymonthday: '1,2,3',
          opens_at: '14:00',
          closes_at: '16:00',
        },
      ],
      attributes: [{ id, link_id: service, taxonomy_term_id: id, taxonomy_term: TERM }],
      service_at_locations: [
        {
          id,
          location_id: id,
          location: {
            id,
            location_type: 'physical',
            addresses: [ADDRESS],
            accessibility: [{ id, description: 'Ascenseur' }],
          },
        },
      ],
      capacities: [{ id, unit: { id, name: 'bed' }, available: 3, maximum: 12, updated: text }],
      relais: { eligibility: SERVICE_PROFILE_EXAMPLE.eligibility, intake: SERVICE_PROFILE_EXAMPLE.intake },
    });
    expect((await contents('/services?full=true'))[0]).toEqual(whole);
  });

  it('gives id and date alone where that is asked, all on one page', async () => {
    const page = await get('/services?minimal=true');
    expect(page).toMatchObject({ ...PAGE, total_pages: 1, size: 2 });
    for (const each of page['contents'] as Json[]) expect(each).toEqual({ id, modified_date: text });
  });

  it('gives organisations, with their services', async () => {
    for (const each of await contents('/organizations')) expect(each).toEqual(ORGANIZATION);
    const [found] = await contents('/organizations?search=canal');
    const organization = await get(`/organizations/${String(found?.['id'])}`);
    expect(organization).toMatchObject({ ...ORGANIZATION, services: [SERVICE] });
    const full = await get(`/organizations/${String(found?.['id'])}?full_service=true`);
    expect(full['services']).toEqual([await get(`/services/${service}`)]);
    expect((await contents('/organizations?full=true')).map((each) => each['services'])).toHaveLength(2);
  });

  it('gives services at their locations', async () => {
    const [found, ...others] = await contents('/service_at_locations');
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      id,
      service_id: service,
      location: { id, location_type: 'physical' },
      service: SERVICE,
    });
    expect(JSON.stringify(found)).not.toContain('Rue Inventée');
    const [full] = await contents('/service_at_locations?full=true');
    expect(full).toMatchObject({ location: { addresses: [ADDRESS] } });
    expect(await get(`/service_at_locations/${String(found?.['id'])}`)).toEqual(full);
  });

  it('gives the taxonomy and its terms', async () => {
    const [taxonomy] = await contents('/taxonomies');
    expect(taxonomy).toMatchObject({ id, name: text, description: text });
    expect(await get(`/taxonomies/${String(taxonomy?.['id'])}`)).toEqual(taxonomy);
    const terms = await contents('/taxonomy_terms');
    expect(terms).toHaveLength(TAXONOMY.length);
    for (const term of terms) expect(term).toMatchObject({ id, code: text, name: text, description: text });
    const [night] = await contents('/taxonomy_terms?search=nachtopvang');
    expect(night).toMatchObject(TERM);
    expect(await get(`/taxonomy_terms/${String(night?.['id'])}`)).toEqual(night);
    const siblings = await contents(`/taxonomy_terms?parent_id=${String(night?.['parent_id'])}`);
    expect(siblings.map(({ code }) => code)).toEqual(['night-shelter', 'transit-house', 'family-shelter']);
    const leaves = await contents(`/taxonomy_terms?top_only=true&taxonomy_id=${String(taxonomy?.['id'])}`);
    expect(leaves.map(({ code }) => code)).not.toContain('shelter');
    expect(await contents(`/taxonomy_terms?taxonomy_id=${newId()}`)).toEqual([]);
  });

  it.each([
    ['words', () => 'search=canal+nuits', 1],
    ['words that do not occur', () => 'search=introuvable', 0],
    ['an organisation', (one: Json) => `organization_id=${String(one['organization_id'])}`, 1],
    ['another organisation', () => `organization_id=${newId()}`, 0],
    ['a type', (one: Json) => `taxonomy_term_id=${termOf(one)['id'] as string}`, 1],
    ['a wider type', (one: Json) => `taxonomy_term_id=${termOf(one)['parent_id'] as string}`, 1],
    ['the taxonomy', (one: Json) => `taxonomy_id=${termOf(one)['taxonomy_id'] as string}`, 1],
    ['another taxonomy', () => `taxonomy_id=${newId()}`, 0],
    ['a change since', () => 'modified_after=2000-01-01', 2],
    ['a change that is yet to come', () => 'modified_after=2999-01-01T00:00:00Z', 0],
  ])('filters services by %s', async (_, query, count) => {
    const one = await get(`/services/${service}`);
    expect(await contents(`/services?${query(one)}`)).toHaveLength(count);
  });

  it('filters locations by a postal code of the area', async () => {
    expect(await contents('/service_at_locations?postcode=1060')).toHaveLength(1);
    expect(await contents('/service_at_locations?postcode=1190')).toHaveLength(0);
  });

  it('turns pages, and beyond the last one there is an empty one', async () => {
    const first = await get('/services?per_page=1');
    const second = await get('/services?per_page=1&page=2');
    expect(first).toMatchObject({
      total_items: 2,
      total_pages: 2,
      size: 1,
      first_page: true,
      last_page: false,
    });
    expect(second).toMatchObject({
      page_number: 2,
      size: 1,
      first_page: false,
      last_page: true,
      empty: false,
    });
    expect(first['contents']).not.toEqual(second['contents']);
    expect(await get('/services?page=9')).toEqual({
      total_items: 2,
      total_pages: 1,
      page_number: 9,
      size: 0,
      first_page: false,
      last_page: true,
      empty: true,
      contents: [],
    });
    expect(await get('/services?search=introuvable')).toMatchObject({
      total_items: 0,
      total_pages: 0,
      empty: true,
    });
  });

  it.each([
    'page=0',
    'page=-1',
    'page=x',
    'page=1.5',
    'per_page=0',
    'per_page=1001',
    'full=yes',
    'minimal=1',
    'format=xml',
    'modified_after=yesterday',
    'modified_after=2026-99-99',
    'taxonomy_id=x',
    'organization_id=1',
    'proximity=100',
    'unknown=1',
    'per__page=1',
    'page=1&page=2',
  ])('refuses ?%s as a problem', async (query) => {
    const response = await fetch(`${server.address}/hsds/services?${query}`);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      400,
      expect.stringMatching(/^application\/problem\+json/),
    ]);
  });

  it.each(['services', 'organizations', 'service_at_locations', 'taxonomies', 'taxonomy_terms'])(
    'knows none of %s by an id of nobody',
    async (kind) => {
      const response = await fetch(`${server.address}/hsds/${kind}/${newId()}`);
      expect(response.status).toBe(404);
    },
  );

  it('shows a change at once, on every process', async () => {
    const { coordinator } = server.network.clinique;
    const status = async (at: string) => (await get(`/services/${service}`, at))['status'];
    expect(await status(replica.address)).toBe('active');
    for (const [said, shown] of [
      ['closed', 'temporarily closed'],
      ['open', 'active'],
    ]) {
      await post(coordinator, `/v1/services/${service}/status`, { status: said });
      for (const at of [server.address, replica.address]) expect(await status(at)).toBe(shown);
    }
  });

  it('leaves out a capacity that was stated too long ago', async () => {
    await shiftClock(server.urls, '73 hours');
    expect((await get(`/services/${service}`))['capacities']).toEqual([]);
    await shiftClock(server.urls, '0 hours');
    expect((await get(`/services/${service}`))['capacities']).toHaveLength(1);
  });
});

function termOf(service: Json): Json {
  const [attribute] = service['attributes'] as Json[];
  return attribute?.['taxonomy_term'] as Json;
}
