import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { referSomebody } from '../../src/cli/demo/referral.js';
import { acknowledge, fetchProofs } from '../../src/client/index.js';
import { toHex } from '../../src/protocol/bytes.js';
import { parseContext } from '../../src/protocol/envelope.js';
import { asOwner } from '../support/database.js';
import { givenNetwork, type FoundedServer } from '../support/process.js';

/** What two referrals may have in common: services and their keys, log, notice, kinds, codes, dates, small counts. */
const COMMON_COLUMNS = new Set([
  'open',
  'kind',
  'source',
  'target',
  'to_key',
  'priority',
  'status',
  'status_reason',
  'outcome',
  'review_on',
  'sent_at',
  'respond_by',
  'consent_state',
  'statements',
  'last_day',
  'send_until',
  'keep_until',
  'word_needed',
  'place',
  'role',
  'number',
]);
const COMMON_MEMBERS = new Set([
  'log',
  'kind',
  'day',
  'from',
  'to',
  'purpose',
  'notice',
  'sendUntil',
  'keepUntil',
  'toKey',
  'means',
  'by',
]);

/** Promise 3: nobody is linkable. The same person, the same worker, the same words, twice. */
describe('two referrals of one person by one worker', () => {
  let server: FoundedServer;
  const referrals: string[] = [];

  beforeAll(async () => {
    server = await givenNetwork();
    for (let i = 0; i < 2; i++) {
      const { referral } = await referSomebody(server.network, {
        calledName: 'Sam',
        reason: 'The very same words.',
      });
      await acknowledge(server.network.clinique.worker, referral);
      await fetchProofs(server.network.laRuelle.worker, referral);
      referrals.push(referral);
    }
  });
  afterAll(() => server.stop());

  it('share no value in the database beyond what every referral between these services shares', async () => {
    const [first, second] = await Promise.all(referrals.map(valuesOf));
    expect(first?.size).toBeGreaterThan(20);
    expect([...(first ?? [])].filter((value) => second?.has(value))).toEqual([]);
  });

  it('have nothing beside them that names a device', async () => {
    const devices = await asOwner<{ id: string; auth_thumbprint: string }>(
      server.urls,
      'SELECT id, auth_thumbprint FROM device',
    );
    // Of the answers kept for 72 h only those about devices name one: the new one, to the coordinator that made it.
    const answers = "(SELECT * FROM idempotency WHERE answer LIKE '%referral%')";
    const tables = ['referral', 'handoff', 'handoff_wrap', 'statement', answers];
    for (const table of tables) {
      const rows = await asOwner<{ line: string }>(server.urls, `SELECT t::text AS line FROM ${table} t`);
      for (const { id, auth_thumbprint } of devices)
        expect(rows.some(({ line }) => line.includes(id) || line.includes(auth_thumbprint))).toBe(false);
    }
  });

  async function valuesOf(referral: string): Promise<Set<string>> {
    const values = new Set<string>();
    for (const [table, key] of [
      ['referral', 'id'],
      ['handoff', 'referral'],
      ['handoff_wrap', 'referral'],
      ['statement', 'referral'],
    ] as const) {
      const rows = await asOwner<Record<string, unknown>>(
        server.urls,
        `SELECT * FROM ${table} WHERE ${key} = '${referral}'`,
      );
      for (const [column, value] of rows.flatMap((row) => Object.entries(row))) {
        if (!COMMON_COLUMNS.has(column)) for (const part of partsOf(column, value)) values.add(part);
      }
    }
    return values;
  }
});

/** A column's value, and where it is a compound, the values inside it. */
function partsOf(column: string, value: unknown): string[] {
  const text = Buffer.isBuffer(value) ? value.toString('hex') : String(value);
  if (column === 'jws') {
    const payload = JSON.parse(Buffer.from(text.split('.')[1] ?? '', 'base64url').toString()) as Record<
      string,
      string | null
    >;
    return [
      text,
      ...Object.entries(payload).flatMap(([name, member]) =>
        COMMON_MEMBERS.has(name) || member === null ? [] : [member],
      ),
    ];
  }
  if (column === 'ctx') {
    const { referral, envelope, consent, recipients } = parseContext(value as Buffer);
    return [
      text,
      toHex(referral),
      toHex(envelope),
      toHex(consent),
      toHex(recipients.find((r) => r.role === 3)?.keyId ?? new Uint8Array(0)),
    ];
  }
  return [text];
}
