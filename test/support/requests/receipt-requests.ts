import { newId } from '../../../src/protocol/encoding/bytes.js';
import { givenMessage } from '../network/content.js';
import { asOwner } from '../machines/database.js';
import { inDays } from '../network/founders.js';
import { givenSend, postSend, statementAfter } from '../network/makers.js';
import type { Someone } from '../network/principals.js';
import type { FoundedServer } from '../machines/process.js';

interface Asked {
  readonly params?: Readonly<Record<string, string>>;
  readonly body?: object;
}

/** Requests at the person's door: right for `reader`, and of a stranger's referral for everybody else. */
export async function receiptRequests(
  server: FoundedServer,
): Promise<Readonly<Record<string, (by: Someone) => Promise<Asked>>>> {
  const { network, urls } = server;
  const other = await givenSend(network);
  await postSend(network.laRuelle.worker, other.body);
  const ownOf = ({ own }: Someone) => own ?? other;
  await asOwner(
    urls,
    "INSERT INTO statistics_table (name, quarter, content) VALUES ('feedback', '2026-1', '{}')",
  );
  return {
    'GET /v1/receipt/attachments/:id': async (by) => ({
      params: { id: await insertFile(server, ownOf(by).body.referral) },
    }),
    'GET /v1/receipt/attachments/:id/parts/:number': async (by) => ({
      params: { id: await insertFile(server, ownOf(by).body.referral), number: '0' },
    }),
    'GET /v1/statistics/feedback/:quarter': () => Promise.resolve({ params: { quarter: '2026-1' } }),
    'POST /v1/receipt/feedback': async (by) => {
      const { referral } = ownOf(by).body;
      await asOwner(
        urls,
        `UPDATE referral SET feedback_given = NULL, status = 'received' WHERE id = '${referral}'`,
      );
      return { body: { reached: 'yes', helped: 'skipped', respected: 'partly' } };
    },
    'POST /v1/receipt/messages': async (by) => {
      const { body, person } = ownOf(by);
      await asOwner(urls, `DELETE FROM message WHERE referral = '${body.referral}'`);
      return { body: await givenMessage(network, { body, person }) };
    },
    ...renewalRequests(server, ownOf),
  };
}

/** A file of one part under a referral that was sent. */
async function insertFile({ network, urls }: FoundedServer, referral: string): Promise<string> {
  const id = newId();
  await asOwner(
    urls,
    `INSERT INTO attachment (id, referral, service, size) VALUES ('${id}', '${referral}', '${network.laRuelle.service}', 4176);
     INSERT INTO attachment_part (attachment, number, bytes) VALUES ('${id}', 0, '\\x00')`,
  );
  return id;
}

type OwnOf = (by: Someone) => Awaited<ReturnType<typeof givenSend>>;

/** Each a day later than the one before. */
function renewalRequests(
  { urls }: FoundedServer,
  ownOf: OwnOf,
): Readonly<Record<string, (by: Someone) => Promise<Asked>>> {
  let keepUntil = 120;
  return {
    'POST /v1/receipt/renewals': async (by) => {
      const { body, given, person } = ownOf(by);
      const rows = await asOwner<{ jws: string }>(
        urls,
        `SELECT jws FROM statement WHERE referral = '${body.referral}' ORDER BY number`,
      );
      const renewed = { kind: 'consent.renewed', keepUntil: inDays(given.day, ++keepUntil) } as const;
      return {
        body: {
          statement: statementAfter(
            rows.map(({ jws }) => jws),
            given,
            renewed,
            person.sign,
          ),
        },
      };
    },
  };
}
