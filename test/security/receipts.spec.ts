import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Receipt } from '../../src/client/index.js';
import { newCode, deriveReceipt, requireCode } from '../../src/protocol/encoding/codes.js';
import { signingKey } from '../../src/protocol/crypto/keys.js';
import { newId } from '../../src/protocol/encoding/bytes.js';
import { Caller } from '../support/requests/caller.js';
import { asOwner } from '../support/machines/database.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';
import { givenReceipt } from '../support/network/receipts.js';

describe('the person’s door', () => {
  let server: FoundedServer;

  beforeAll(async () => {
    server = await givenNetwork();
  });
  afterAll(() => server.stop());

  /** What an answer says to whoever compares two of them; the id of a request is its own. */
  const bare = ({ status, body }: { status: number; body: object }) => ({
    status,
    body: { ...body, instance: null },
  });

  it('answers a wrong code, a wrong word and another’s code alike, on every route', async () => {
    const { code } = await givenReceipt(server, { word: 'Tsehay', isOpened: true });
    const wrongWord = await deriveReceipt(requireCode(code), 'tsehai');
    const unknown = await deriveReceipt(requireCode(newCode()));
    const paths = ['story', 'handoff', 'proofs', 'messages', 'observers', `attachments/${newId()}`, 'second'];
    for (const path of paths) {
      const answers = [];
      for (const key of [wrongWord.read, wrongWord.sign, unknown.read, unknown.sign]) {
        const caller = await Caller.code(server.address, key);
        answers.push(bare(await caller.get(`/v1/receipt/${path}`)));
      }
      expect(answers[0]?.status).toBe(404);
      for (const answer of answers) expect(answer).toEqual(answers[0]);
    }
  });

  it('does not lock the true holder out, however often somebody guesses, and writes no guess down', async () => {
    const { code } = await givenReceipt(server, { word: 'Tsehay', isOpened: true });
    const guesses = Array.from({ length: 20 }, () => newCode());
    for (const guess of guesses)
      await expect(Receipt.find(server.address, guess)).rejects.toMatchObject({ code: 'not_found' });
    const receipt = await Receipt.fromCode(server.address, code);
    await expect(receipt.open('wrong')).rejects.toMatchObject({ code: 'not_found' });
    expect(await (await receipt.open('Tsehay')).story()).toMatchObject({ status: 'received' });
    const tables = await asOwner<{ name: string }>(
      server.urls,
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`,
    );
    let everything = server.output();
    for (const { name } of tables)
      everything += JSON.stringify(await asOwner(server.urls, `SELECT t::text FROM ${name} t`));
    for (const word of [code, ...guesses].flatMap((each) => [each, each.replaceAll('-', '')]))
      expect(everything).not.toContain(word);
    expect(everything).not.toContain('127.0.0.1');
  });

  it('opens with nothing that the database holds: no stored value is a seed of a receipt’s keys', async () => {
    const { referral } = await givenReceipt(server, { isOpened: true });
    const [row] = await asOwner<Record<string, string>>(
      server.urls,
      `SELECT r.person_kid, r.read_kid, encode(r.given_hash, 'hex') AS given, encode(r.head_hash, 'hex') AS head,
         encode(substr(h.person_box, 1, 32), 'hex') AS box, encode(substr(c.sealed, 1121, 32), 'hex') AS sealed, c.kid
       FROM referral r JOIN handoff h ON h.referral = r.id JOIN second_code c ON c.referral = r.id WHERE r.id = '${referral}'`,
    );
    const { person_kid: sign, read_kid: read, kid, ...values } = row ?? {};
    expect(new Set([sign, read, kid]).size).toBe(3);
    const kids = [...Object.values(values)].map((hex) => signingKey(Buffer.from(hex, 'hex')).kid);
    for (const thumbprint of [sign, read, kid]) expect(kids).not.toContain(thumbprint);
  });

  it('shares no value between two receipts of one person', async () => {
    const given = [await givenReceipt(server), await givenReceipt(server)];
    const rows = await Promise.all(
      given.map(({ referral }) =>
        asOwner<Record<string, string>>(
          server.urls,
          `SELECT r.person_kid, r.read_kid, r.consent, r.given_hash::text, r.head_hash::text, h.person_box::text, c.kid, c.sealed::text
           FROM referral r JOIN handoff h ON h.referral = r.id JOIN second_code c ON c.referral = r.id WHERE r.id = '${referral}'`,
        ),
      ),
    );
    const [one, two] = rows.map(([row]) => Object.values(row ?? {}));
    expect(one).toHaveLength(8);
    for (const value of one ?? []) expect(two).not.toContain(value);
  });

  it('keeps what was said about how it went apart from who said it', async () => {
    const { code, referral } = await givenReceipt(server, { isOpened: true });
    const page = await (await Receipt.fromCode(server.address, code)).open();
    await page.giveFeedback({ reached: 'yes', helped: null, respected: 'yes' });
    const columns = await asOwner<{ name: string }>(
      server.urls,
      `SELECT column_name AS name FROM information_schema.columns WHERE table_name IN ('feedback', 'feedback_text')`,
    );
    expect(columns.map(({ name }) => name)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/referral|kid|day|at$/)]),
    );
    const rows = await asOwner<{ row: string }>(server.urls, 'SELECT f::text AS row FROM feedback f');
    expect(rows).toHaveLength(1);
    expect(rows[0]?.row).not.toContain(referral);
  });
});
