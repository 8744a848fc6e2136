import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { publishProfile } from '../../src/client/index.js';
import { SEARCH } from '../../src/server/directory/search/search.sql.js';
import { asApplication, asOwner } from '../support/machines/database.js';
import { givenProfile } from '../support/network/profiles.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

interface Node {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Node[];
}

const MANY = 20_000;
const FIRST = '00000000-0000-0000-0000-000000000000';

describe('one page of a search among many services', () => {
  let server: FoundedServer;

  beforeAll(async () => {
    server = await givenNetwork();
    const { coordinator, service, founder } = server.network.clinique;
    await publishProfile(coordinator, service, givenProfile(await coordinator.today()));
    await asOwner(
      server.urls,
      `ALTER TABLE service DISABLE TRIGGER USER; ALTER TABLE service_profile DISABLE TRIGGER USER;
       INSERT INTO service (id, organisation, name) SELECT gen_random_uuid(), '${founder.public.id}', 'Autre'
         FROM generate_series(1, ${MANY});
       INSERT INTO service_profile (service, profile, published, keys, area, hours)
         SELECT s.id, '{}', p.published, p.keys, p.area, p.hours FROM service s, service_profile p WHERE s.name = 'Autre';
       INSERT INTO service_search (key, service)
         SELECT k.key, s.id FROM service s, service_search k WHERE s.name = 'Autre' AND k.key IN ('all', 'term:shelter');
       ANALYZE service, service_profile, service_search`,
    );
  });
  afterAll(() => server.stop());

  it.each([
    ['what all of them are', ['term:shelter', 'all'], null, false],
    ['what none of them is', ['term:shelter', 'word:nobody'], null, false],
    ['where none of them is', ['term:shelter'], '9999', false],
    ['free places, which none of them has', ['all'], null, true],
  ])('reads no more rows than it looks at: %s', async (_, keys, near, free) => {
    const sought = { staleHours: 72, key: keys[0] ?? '', after: FIRST, looks: 200, keys, near, free };
    const { text, values } = SEARCH.with(sought);
    const [row] = await asApplication<{ 'QUERY PLAN': readonly [{ readonly Plan: Node }] }>(
      server.urls,
      `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
      values,
    );
    const read = row ? readsOf(row['QUERY PLAN'][0].Plan) : new Map<string, number>();
    for (const table of ['service_search', 'service', 'service_profile'])
      expect([table, read.get(table)]).toEqual([table, 200]);
  });
});

/** Rows that were read of each table, shown or not. */
function readsOf(node: Node, read = new Map<string, number>()): Map<string, number> {
  const table = node['Relation Name'];
  const rows = (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'];
  if (table !== undefined) read.set(table, (read.get(table) ?? 0) + rows);
  for (const child of node.Plans ?? []) readsOf(child, read);
  return read;
}
