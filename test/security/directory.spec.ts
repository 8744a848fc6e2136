import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { publishProfile, searchServices } from '../../src/client/index.js';
import { dumpValues } from '../support/machines/dump.js';
import { post } from '../support/network/makers.js';
import { givenProfile } from '../support/network/profiles.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

/** Words that occur nowhere by chance. */
const STREET = 'Zwanenzangdreef';
const SOUGHT = ['zonnebloemziekte', 'Quaternaire', 'ZQ-CANARY-1'];

describe('what the directory keeps', () => {
  let server: FoundedServer;

  beforeAll(async () => {
    server = await givenNetwork();
  });
  afterAll(() => server.stop());

  async function kept(word: string): Promise<string[]> {
    const values = await dumpValues(server.urls);
    return values
      .filter(({ value }) => value.toLowerCase().includes(word.toLowerCase()))
      .map(({ table, column }) => `${table}.${column}`);
  }

  it('is no address of a redacted location: none is taken, and the one before it is gone', async () => {
    const { coordinator, service } = server.network.clinique;
    const profile = givenProfile(await coordinator.today());
    const address = {
      line1: `${STREET} 7`,
      city: 'Brussel',
      province: 'Brussel',
      postcode: '1000',
      country: 'BE',
    };
    await publishProfile(coordinator, service, { ...profile, location: { kind: 'physical', address } });
    expect(await kept(STREET)).toEqual(['service_profile.profile']);
    await publishProfile(coordinator, service, { ...profile, location: { kind: 'redacted' } });
    expect(await kept(STREET)).toEqual([]);
    for (const location of [{ kind: 'redacted', address }, { kind: 'redacted', line1: STREET }, address]) {
      const text = JSON.stringify({ ...profile, location });
      const refused = post(coordinator, `/v1/services/${service}/profile`, { profile: text });
      await expect(refused).rejects.toMatchObject({ code: 'input_invalid' });
    }
    expect(await kept(STREET)).toEqual([]);
    const shown = await fetch(`${server.address}/hsds/services/${service}`);
    expect(await shown.json()).toMatchObject({
      service_at_locations: [{ location: { location_type: 'physical', redacted: true, addresses: [] } }],
    });
  });

  it('is nothing of what anybody sought: in no table, in no line that the server writes', async () => {
    const { worker } = server.network.laRuelle;
    for (const text of SOUGHT.slice(0, 2)) await searchServices(worker, { text });
    await searchServices(worker, { near: SOUGHT[2] ?? '' });
    await fetch(`${server.address}/hsds/services?search=${SOUGHT[0] ?? ''}`);
    await new Promise((done) => setTimeout(done, 500));
    expect(server.output()).toContain('/v1/services/search');
    for (const word of SOUGHT.flatMap((each) => [each, each.slice(0, 6)])) {
      expect(await kept(word)).toEqual([]);
      expect(server.output().toLowerCase()).not.toContain(word.toLowerCase());
    }
  });

  it('is no device, service or organisation of whoever holds a place', async () => {
    const { worker, service: source, founder } = server.network.laRuelle;
    const { worker: host, service } = server.network.clinique;
    await post(host, `/v1/services/${service}/capacity`, { unit: 'bed', available: 2 });
    await post(worker, `/v1/services/${service}/holds`, { hold: 'A'.repeat(43) });
    const rows = (await dumpValues(server.urls)).filter(({ table }) => table === 'place_hold');
    expect(rows.map(({ column }) => column).sort()).toEqual(['service', 'token_hash', 'until']);
    for (const { value } of rows)
      for (const name of [worker.state.device, source, founder.public.id]) expect(value).not.toContain(name);
  });
});
