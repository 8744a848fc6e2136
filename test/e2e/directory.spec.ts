import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  acknowledge,
  endHold,
  findService,
  getProfile,
  holdPlace,
  intakeProblems,
  isEligible,
  openReferral,
  publishProfile,
  recordConsent,
  sealReferral,
  searchServices,
  sendReferral,
  setCapacity,
  type Search,
  type ServiceProfile,
} from '../../src/client/index.js';
import { newId, toBase64url, randomBytes } from '../../src/protocol/encoding/bytes.js';
import type { HandoffRecord } from '../../src/protocol/schemas/handoff-record.js';
import { SERVICE_PROFILE_EXAMPLE } from '../../src/protocol/schemas/example-profile.js';
import { asOwner, shiftClock, until } from '../support/machines/database.js';
import { post } from '../support/network/makers.js';
import { givenProfile } from '../support/network/profiles.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

describe('the directory', () => {
  let server: FoundedServer;
  let today: string;
  let target: string;

  beforeAll(async () => {
    server = await givenNetwork();
    target = server.network.clinique.service;
    today = await server.network.clinique.worker.today();
  });
  afterAll(() => server.stop());

  const worker = () => server.network.laRuelle.worker;
  const coordinator = () => server.network.clinique.coordinator;

  async function published(change: Partial<ServiceProfile> = {}): Promise<ServiceProfile> {
    const profile = givenProfile(today, change);
    await publishProfile(coordinator(), target, profile);
    return profile;
  }

  async function free(): Promise<number | undefined> {
    return (await getProfile(worker(), target)).capacity?.free;
  }

  async function sealedWith(record: HandoffRecord) {
    const consent = recordConsent(await worker().charter(), await worker().today(), {
      purpose: 'shelter',
      fields: Object.keys(record),
      language: 'fr',
      modality: 'spoken',
      representation: 'none',
      alternativesOffered: [],
      teachBack: true,
    });
    const to = await findService(worker(), target);
    const from = server.network.laRuelle.service;
    return sealReferral(worker(), { from, to, consent, record, priority: 'routine' });
  }

  it('lets a worker find, judge, hold a place and send what the service asks for, and the receiver see it', async () => {
    const { intake } = SERVICE_PROFILE_EXAMPLE;
    await published({ intake });
    await setCapacity(server.network.clinique.worker, target, { unit: 'bed', available: 2, waiting: 1 });
    const [found, ...others] = await searchServices(worker(), {
      term: 'shelter',
      language: 'nl',
      near: '1060',
      free: true,
    });
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      id: target,
      status: 'open',
      capacity: { known: true, unit: 'bed', free: 2 },
    });

    const { profile } = await findService(worker(), target);
    const person = { age: 31, household: 'woman-alone', animals: [] };
    expect(isEligible(profile as ServiceProfile, person).eligible).toBe('yes');
    const hold = await holdPlace(worker(), target);
    expect(await free()).toBe(1);

    const record = { calledName: 'Sam', household: 'alone', answers: { arrival: 'tonight' } };
    expect(intakeProblems((profile as ServiceProfile).intake, record)).toEqual([]);
    const { sealed } = await sealedWith(record);
    await sendReferral(worker(), sealed);
    await endHold(worker(), hold);
    expect(await free()).toBe(2);

    await acknowledge(server.network.clinique.worker, sealed.referral);
    const opened = await openReferral(server.network.clinique.worker, sealed.referral);
    expect(opened.record).toMatchObject(record);
    expect(opened.intake).toEqual([]);
    await published({ intake: { ...intake, requires: ['calledName', 'availability'] } });
    const later = await openReferral(server.network.clinique.worker, sealed.referral);
    expect(later.record).toMatchObject(record);
    expect(later.intake).toEqual([
      { field: 'availability', problem: 'missing' },
      { field: 'household', problem: 'not-asked' },
    ]);
  });

  it.each<[string, HandoffRecord]>([
    ['leaves out what it requires', { calledName: 'Sam', answers: { arrival: 'tonight' } }],
    ['leaves a required question open', { calledName: 'Sam', household: 'alone' }],
    [
      'answers outside the options',
      { calledName: 'Sam', household: 'alone', answers: { arrival: 'at noon' } },
    ],
    [
      'says what it did not ask',
      {
        calledName: 'Sam',
        household: 'alone',
        ageBand: '25–34',
        commune: 'Ixelles',
        answers: { arrival: 'later' },
      },
    ],
  ])('seals nothing that %s', async (_, record) => {
    await published({ intake: SERVICE_PROFILE_EXAMPLE.intake });
    await expect(sealedWith(record)).rejects.toMatchObject({ check: 'intake' });
  });

  it('keeps a profile as it was published, and replaces it whole', async () => {
    const first = await published();
    const [{ profile, published: at }, found] = await Promise.all([
      getProfile(worker(), target),
      findService(worker(), target),
    ]);
    expect(profile).toEqual(first);
    expect(found.profile).toEqual(first);
    expect(Math.abs(Date.parse(at ?? '') - Date.now())).toBeLessThan(60_000);
    const second = await published({ terms: ['meal'], description: { fr: 'Une soupe.' } });
    expect((await getProfile(worker(), target)).profile).toEqual(second);
    expect(await searchServices(worker(), { term: 'shelter' })).toEqual([]);
    expect(await searchServices(worker(), { text: 'nuits' })).toEqual([]);
    expect(await searchServices(worker(), { term: 'food-aid', text: 'soupes clinique' })).toHaveLength(1);
  });

  it('says null of a service that has published nothing', async () => {
    const { service } = server.network.laRuelle;
    expect(await getProfile(worker(), service)).toEqual({ profile: null, published: null, capacity: null });
    expect((await findService(worker(), service)).profile).toBeNull();
  });

  it.each<[string, Search, number]>([
    ['a word of its name', { text: 'canal' }, 1],
    ['words without their accents', { text: 'Été' }, 1],
    ['all of several words', { text: 'canal inconnu' }, 0],
    ['a language', { language: 'ar' }, 1],
    ['another language', { language: 'de' }, 0],
    ['its type', { term: 'night-shelter' }, 1],
    ['the wider type', { term: 'shelter' }, 1],
    ['another type', { term: 'meal' }, 0],
    ['a commune that it serves', { near: '1060' }, 1],
    ['a commune that it does not serve', { near: '1190' }, 0],
    ['being open', { openNow: true }, 1],
    ['all at once', { text: 'canal', language: 'ar', term: 'shelter', near: '1000', openNow: true }, 1],
  ])('finds by %s', async (_, search, count) => {
    await published({ description: { fr: 'Ouvert tout l’été.' } });
    expect(await searchServices(worker(), search)).toHaveLength(count);
  });

  it('finds what is open by the database’s clock, in the charter’s zone', async () => {
    const at = async () => (await searchServices(worker(), { openNow: true })).length;
    await published({
      hours: [{ freq: 'WEEKLY', dtstart: '2099-01-01', byday: ['MO'], opensAt: '00:00', closesAt: '00:00' }],
    });
    expect(await at()).toBe(0);
    const [row] = await asOwner<{ hour: string }>(
      server.urls,
      "SELECT to_char(domain_now() AT TIME ZONE 'Europe/Brussels', 'HH24') AS hour",
    );
    const hour = Number(row?.hour);
    const pad = (value: number) => `${String(value % 24).padStart(2, '0')}:00`;
    const byday = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
    await published({ hours: [{ freq: 'WEEKLY', byday, opensAt: pad(hour), closesAt: pad(hour + 2) }] });
    expect(await at()).toBe(1);
    await published({
      hours: [{ freq: 'WEEKLY', byday, opensAt: pad(hour + 12), closesAt: pad(hour + 13) }],
    });
    expect(await at()).toBe(0);
  });

  it('takes no profile that is not of its schema, asks what the charter refuses, or was checked in the future', async () => {
    const path = `/v1/services/${target}/profile`;
    const profile = givenProfile(today);
    const other = (change: object) => JSON.stringify({ ...profile, ...change });
    const refused = [
      '{}',
      'null',
      other({ unknown: 1 }),
      other({ location: { kind: 'redacted', address: SERVICE_PROFILE_EXAMPLE.location } }),
      other({ terms: ['no-such-term'] }),
      other({ url: 'http://nuit.example/' }),
      other({ intake: { ...profile.intake, requires: ['nationality'] } }),
      other({ intake: { ...profile.intake, offers: ['passportNumber'] } }),
      other({ lastChecked: { by: 'worker', on: '2999-01-01' } }),
    ];
    for (const text of refused)
      await expect(post(coordinator(), path, { profile: text })).rejects.toMatchObject({
        code: 'input_invalid',
      });
    const declared = { ...profile, intake: { ...profile.intake, requires: ['nationality' as const] } };
    await expect(publishProfile(coordinator(), target, declared)).rejects.toMatchObject({
      check: 'refused-field',
    });
  });

  it('is written by the service’s own organisation alone', async () => {
    const body = { profile: JSON.stringify(givenProfile(today)) };
    for (const device of [server.network.laRuelle.coordinator, server.network.clinique.worker])
      await expect(post(device, `/v1/services/${target}/profile`, body)).rejects.toMatchObject({
        code: 'not_found',
      });
    const stated = post(server.network.laRuelle.worker, `/v1/services/${target}/capacity`, {
      unit: 'bed',
      available: 1,
    });
    await expect(stated).rejects.toMatchObject({ code: 'not_found' });
  });

  describe('places', () => {
    beforeAll(() => published());

    it('are held once each, by tokens that the database does not hold', async () => {
      await setCapacity(coordinator(), target, { unit: 'bed', available: 1, maximum: 12 });
      const hold = await holdPlace(worker(), target);
      expect(Date.parse(hold.until) - Date.now()).toBeGreaterThan(24 * 3_600_000 - 60_000);
      expect(hold.until).toMatch(/T\d\d:00:00Z$/);
      await expect(holdPlace(worker(), target)).rejects.toMatchObject({ code: 'no_place' });
      expect(await searchServices(worker(), { term: 'shelter', free: true })).toEqual([]);
      const rows = await asOwner<{ line: string }>(server.urls, 'SELECT h::text AS line FROM place_hold h');
      expect(rows).toHaveLength(1);
      await endHold(worker(), { token: toBase64url(randomBytes(32)) });
      expect(await free()).toBe(0);
      for (let i = 0; i < 2; i++) await endHold(worker(), hold);
      expect(await free()).toBe(1);
      expect(await asOwner(server.urls, 'SELECT FROM place_hold')).toEqual([]);
    });

    it('are held once by a request that is repeated, and one token holds one place', async () => {
      await setCapacity(coordinator(), target, { unit: 'bed', available: 3 });
      const [path, body, key] = [
        `/v1/services/${target}/holds`,
        { hold: toBase64url(randomBytes(32)) },
        newId(),
      ];
      const first = await post<object>(worker(), path, body, key);
      expect(await post<object>(worker(), path, body, key)).toEqual(first);
      expect(await free()).toBe(2);
      await expect(post(worker(), path, body)).rejects.toMatchObject({ code: 'wrong_state' });
      expect(await free()).toBe(2);
    });

    it('are given back by the clock after a day, and not known after three', async () => {
      await setCapacity(coordinator(), target, { unit: 'bed', available: 5 });
      await holdPlace(worker(), target);
      const before = (await free()) ?? 0;
      await shiftClock(server.urls, '26 hours');
      await until(async () => (await free()) === 5);
      expect(before).toBeLessThan(5);
      await shiftClock(server.urls, '73 hours');
      expect((await getProfile(worker(), target)).capacity).toEqual({
        known: false,
        unit: 'bed',
        updated: expect.any(String),
      });
      await expect(holdPlace(worker(), target)).rejects.toMatchObject({ code: 'no_place' });
      expect(await searchServices(worker(), { term: 'shelter', free: true })).toEqual([]);
      await shiftClock(server.urls, '0 hours');
      await asOwner(server.urls, 'UPDATE service_capacity SET updated = now()');
    });

    it('cannot be held of a service that is closed, or of none', async () => {
      await setCapacity(coordinator(), target, { unit: 'bed', available: 5 });
      await post(coordinator(), `/v1/services/${target}/status`, { status: 'closed' });
      await expect(holdPlace(worker(), target)).rejects.toMatchObject({ code: 'service_closed' });
      await post(coordinator(), `/v1/services/${target}/status`, { status: 'open' });
      await expect(holdPlace(worker(), newId())).rejects.toMatchObject({ code: 'not_found' });
    });
  });

  it('gives page after page, whatever their size, and each service once', async () => {
    await published();
    const names = Array.from({ length: 430 }, () => newId());
    const organisation = server.network.clinique.founder.public.id;
    await asOwner(
      server.urls,
      `WITH added AS (INSERT INTO service (id, organisation, name)
         SELECT id::uuid, '${organisation}', 'Autre' FROM unnest('{${names.join()}}'::text[]) id RETURNING id),
       profiled AS (INSERT INTO service_profile (service, profile, published, keys, area, hours)
         SELECT a.id, p.profile, p.published, p.keys, p.area, p.hours FROM added a, service_profile p
         WHERE p.service = '${target}' RETURNING service)
       INSERT INTO service_search (key, service) SELECT k.key, p.service FROM profiled p, service_search k
         WHERE k.service = '${target}'`,
    );
    const found = await searchServices(worker(), { term: 'shelter' });
    expect(found.map(({ id }) => id)).toEqual([target, ...names].sort());
    expect(await searchServices(worker(), { term: 'shelter', free: true })).toHaveLength(1);
    const page = await post<{ next: string }>(worker(), '/v1/services/search', { term: 'shelter', limit: 2 });
    const other = { term: 'night-shelter', limit: 2, after: page.next };
    await expect(post(worker(), '/v1/services/search', other)).rejects.toMatchObject({
      code: 'input_invalid',
    });
  });
});
