import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  acknowledge,
  fetchProofs,
  sendMessage,
  sendReferral,
  uploadAttachment,
} from '../../src/client/index.js';
import { toHex } from '../../src/protocol/encoding/bytes.js';
import { parseContext } from '../../src/protocol/envelope/envelope.js';
import { sealWithFiles } from '../support/network/content.js';
import { asOwner } from '../support/machines/database.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

/**
 * What two referrals may have in common: services and their keys, log, notice, kinds, codes, dates, small
 * counts.
 */
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
  'log',
  'service',
  'size',
  'begun_at',
  'type',
  'own',
  'at',
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
  'alg',
  'typ',
  'source',
  'target',
  'priority',
  'status',
  'consentState',
  'sentAt',
  'respondBy',
  'size',
  'received',
  'number',
  'place',
  'responsible',
  'dueSoon',
  'erasedBy',
]);

/** Promise 3: nobody is linkable. The same person, the same worker, the same words, twice. */
describe('two referrals of one person by one worker', () => {
  let server: FoundedServer;
  const referrals: string[] = [];
  const found = new Set<string>();

  beforeAll(async () => {
    server = await givenNetwork();
    for (let i = 0; i < 2; i++) {
      const { sealed, files } = await sealWithFiles(server.network, [
        { content: new Blob(['same']), type: 'text/plain' },
      ]);
      const { referral } = sealed;
      const [sender, receiver] = [server.network.laRuelle.worker, server.network.clinique.worker];
      for (const file of files) await uploadAttachment(sender, file);
      await sendReferral(sender, sealed);
      await acknowledge(receiver, referral);
      for (const device of [sender, receiver]) await sendMessage(device, referral, 'The very same words.');
      await fetchProofs(server.network.laRuelle.worker, referral);
      referrals.push(referral);
    }
  });
  afterAll(() => server.stop());

  it('share no value in the database beyond what every referral between these services shares', async () => {
    const [first, second] = await Promise.all(referrals.map(valuesOf));
    expect(first?.size).toBeGreaterThan(20);
    expect([...(first ?? [])].filter((value) => second?.has(value))).toEqual([]);
    expect([...found].sort()).toEqual([
      'attachment',
      'attachment_part',
      'event',
      'handoff',
      'handoff_wrap',
      'idempotency',
      'log_position',
      'message',
      'referral',
      'second_code',
      'statement',
    ]);
  });

  it('have nothing beside them that names a device', async () => {
    const devices = await asOwner<{ id: string; auth_thumbprint: string }>(
      server.urls,
      'SELECT id, auth_thumbprint FROM device',
    );
    // Of the answers kept for 72 h only those about devices name one: the new one, to the coordinator that
    // made it.
    const answers = "(SELECT * FROM idempotency WHERE answer LIKE '%referral%')";
    const tables = [
      'referral',
      'handoff',
      'handoff_wrap',
      'statement',
      'message',
      'attachment',
      'event',
      answers,
    ];
    for (const table of tables) {
      const rows = await asOwner<{ line: string }>(server.urls, `SELECT t::text AS line FROM ${table} t`);
      for (const { id, auth_thumbprint } of devices)
        expect(rows.some(({ line }) => line.includes(id) || line.includes(auth_thumbprint))).toBe(false);
    }
  });

  /** Every value of every row of every table that names the referral, its consent, or a leaf of either. */
  async function valuesOf(referral: string): Promise<Set<string>> {
    const [known] = await asOwner<{ ids: string[]; tables: string[]; kids: string[] }>(
      server.urls,
      `SELECT ARRAY(SELECT '${referral}' UNION SELECT consent::text FROM referral WHERE id = '${referral}'
           UNION SELECT id::text FROM attachment WHERE referral = '${referral}'
           UNION SELECT pending::text FROM statement WHERE referral = '${referral}') AS ids,
         ARRAY(SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
           AND relkind IN ('r', 'p') AND NOT relispartition) AS tables,
         ARRAY(SELECT kid FROM service_key) AS kids`,
    );
    const values = new Set<string>();
    for (const table of known?.tables ?? []) {
      const named = (known?.ids ?? []).map((id) => `t::text LIKE '%${id}%'`).join(' OR ');
      const rows = await asOwner<Record<string, unknown>>(
        server.urls,
        `SELECT * FROM ${table} t WHERE ${named}`,
      );
      if (rows.length > 0) found.add(table);
      for (const [column, value] of rows.flatMap((row) => Object.entries(row)))
        if (value !== null && !COMMON_COLUMNS.has(column))
          for (const part of partsOf(column, value)) values.add(part);
    }
    for (const kid of known?.kids ?? []) values.delete(kid);
    return values;
  }
});

/** A column's value, and where it is a compound, the values inside it. */
function partsOf(column: string, value: unknown): string[] {
  const text = textOf(value);
  if (column === 'jws') return [text, ...text.split('.').slice(0, 2).flatMap(membersOf)];
  if (column === 'answer') return [text, ...membersOf(Buffer.from(text).toString('base64url'))];
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

function textOf(value: unknown): string {
  if (Buffer.isBuffer(value)) return value.toString('hex');
  // to the millisecond: two that fell into one second by chance are not the same moment
  return value instanceof Date ? value.toISOString() : String(value);
}

/** Members of a header or payload, or of an answer, that two referrals must not share. */
function membersOf(json: string): string[] {
  const members = JSON.parse(Buffer.from(json, 'base64url').toString()) as Record<string, string | null>;
  return Object.entries(members).flatMap(([name, member]) =>
    COMMON_MEMBERS.has(name) || member === null ? [] : [member],
  );
}
