import { newId, randomBytes, toBase64url } from '../../../src/protocol/encoding/bytes.js';
import { sealAuditAnswer } from '../../../src/protocol/envelope/seal-audit-answer.js';
import type { SampleAnswer } from '../../../src/protocol/schemas/sample.js';
import { asOwner, until } from '../machines/database.js';
import type { FoundedServer } from '../machines/process.js';
import { THIS_YEAR } from './this-year.js';

/** An answer of the right form, which shows nothing. */
export const NOTHING: SampleAnswer = { statements: [{ jws: 'nothing', proof: 'nothing' }] };

interface Asked {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly body?: object;
}

/** How the routes of audits are asked: by, or of, the one auditor that there is. */
export function auditRequests(server: FoundedServer): Readonly<Record<string, () => Asked | Promise<Asked>>> {
  const { service } = server.network.laRuelle;
  const ask = { year: THIS_YEAR };
  return {
    'POST /v1/audits': async () => ({
      body: { ...ask, nonce: toBase64url(randomBytes(32)), size: await sizeOf(server), count: 5 },
    }),
    'GET /v1/audits/:id': async () => ({ params: { id: await insertAudit(server) } }),
    'GET /v1/audits/:id/answers': async () => ({ params: { id: await insertAudit(server) } }),
    'GET /v1/audits/questions': () => ({ query: `?service=${service}` }),
    'POST /v1/audits/answers': async () => {
      const audit = await insertAudit(server);
      await asOwner(
        server.urls,
        `INSERT INTO audit_sample (audit, index, service, referral) VALUES ('${audit}', 7, '${service}', '${newId()}')`,
      );
      const [auditor] = await asOwner<{ box: Buffer }>(
        server.urls,
        "SELECT box FROM device WHERE role = 'auditor'",
      );
      const { ctx, wraps, body } = sealAuditAnswer(NOTHING, new Uint8Array(auditor?.box ?? []));
      const sealed = {
        ctx: toBase64url(ctx),
        wrap: toBase64url(wraps[0] ?? new Uint8Array(0)),
        body: toBase64url(body),
      };
      return { body: { audit, index: 7, service, ...sealed } };
    },
  };
}

/** A tree of the consent log that was published. */
export async function sizeOf({ urls }: FoundedServer): Promise<number> {
  const sql =
    "SELECT max(c.size)::int AS size FROM log_checkpoint c JOIN log l ON l.id = c.log WHERE l.kind = 'consent'";
  const read = async (): Promise<number> => (await asOwner<{ size: number }>(urls, sql))[0]?.size ?? 0;
  await until(async () => (await read()) > 0);
  return read();
}

async function insertAudit(server: FoundedServer): Promise<string> {
  const id = newId();
  await asOwner(
    server.urls,
    `INSERT INTO audit (id, auditor, nonce, log, size, count, until)
     SELECT '${id}', d.id, sha256('${id}'::text::bytea), l.id, ${await sizeOf(server)}, 5, domain_today() FROM device d, log l
     WHERE d.role = 'auditor' AND l.kind = 'consent'`,
  );
  return id;
}
