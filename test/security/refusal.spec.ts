import { afterAll, beforeAll, expect, it, describe } from '@jest/globals';
import {
  getProfile,
  isEligible,
  listServices,
  noticeText,
  publishProfile,
  recordConsent,
  searchServices,
} from '../../src/client/index.js';
import { asOwner } from '../support/machines/database.js';
import { DECISION } from '../support/network/drafts.js';
import { givenProfile } from '../support/network/profiles.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

/**
 * What any request leaves, whatever it is about: assertions that were used, tokens, hashes of requests. Gone
 * within 72 hours.
 */
const ANY_REQUEST = ['assertion_replay', 'access_token', 'idempotency'];

/**
 * The sequencer pads and publishes at times of its own. A leaf of somebody's would stand in `log_pending` or
 * `log_position`.
 */
const SEQUENCER = ['log_head', 'log_entries', 'log_tile', 'log_checkpoint', 'log_witnessed'];
const LEFT_OUT = new Set([...ANY_REQUEST, ...SEQUENCER]);

describe('a refusal', () => {
  let server: FoundedServer;

  beforeAll(async () => {
    server = await givenNetwork();
    const { coordinator, service } = server.network.clinique;
    await publishProfile(coordinator, service, givenProfile(await coordinator.today()));
  });
  afterAll(() => server.stop());

  /** Every table as text, but those that tell of any request or of nobody's. */
  async function everything(): Promise<Record<string, string>> {
    const tables = await asOwner<{ name: string }>(
      server.urls,
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename`,
    );
    const kept: Record<string, string> = {};
    for (const { name } of tables.filter(({ name: table }) => !LEFT_OUT.has(table))) {
      const rows = await asOwner<{ row: string }>(
        server.urls,
        `SELECT t::text AS row FROM ${name} t ORDER BY 1`,
      );
      kept[name] = rows.map(({ row }) => row).join('\n');
    }
    return kept;
  }

  it('leaves no trace: in no table, no log, no event, and not on the device', async () => {
    const { worker } = server.network.laRuelle;
    const { service } = server.network.clinique;
    await listServices(worker);
    const device = JSON.stringify(worker.state);
    const before = await everything();
    // everything up to the decision, with the person
    await searchServices(worker, { term: 'shelter' });
    const { profile } = await getProfile(worker, service);
    expect(profile && isEligible(profile, { age: 30 }).eligible).toBeDefined();
    noticeText(await worker.charter(), 'ar');
    recordConsent(await worker.charter(), await worker.today(), { ...DECISION, language: 'ar' });
    // and the person says no
    expect(await everything()).toEqual(before);
    expect(JSON.stringify(worker.state)).toBe(device);
    expect(server.output()).not.toMatch(/refus|decline|consent/i);
  });
});
