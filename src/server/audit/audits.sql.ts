import { named, prepared, sql, unprepared } from '../../database/index.js';

const v = named<{
  year: number;
  size: number;
  audit: string;
  auditor: string;
  nonce: Uint8Array;
  log: number;
  count: number;
  indexes: readonly bigint[];
  afterIndex: string;
  afterService: string;
  limit: number;
  service: string;
  afterUntil: string | null;
  afterAudit: string | null;
  afterOpenIndex: string | null;
  index: number;
  ctx: Uint8Array;
  wrap: Uint8Array;
  body: Uint8Array;
}>();
/** A checkpoint that was published, by the year of its log. */
export const TREE = prepared(
  'audit-tree',
  sql`SELECT c.log, c.note FROM log_checkpoint c JOIN log l ON l.id = c.log
    WHERE l.kind = 'consent' AND l.year = ${v.year} AND c.size = ${v.size}`,
);

/** A week to look into one's own cases, and another one for holidays. */
export const DRAW = prepared(
  'audit-draw',
  sql`INSERT INTO audit (id, auditor, nonce, log, size, count, until)
    VALUES (${v.audit}, ${v.auditor}, ${v.nonce}, ${v.log}, ${v.size}, ${v.count}, domain_today() + 14)
      RETURNING until::text`,
);

/**
 * Whom to ask of each drawn leaf. Statements are not found by their place, so this looks through all of them:
 * some seconds for a million, once for each challenge.
 */
export const ASK = unprepared(
  'audit-ask',
  sql`WITH place AS MATERIALIZED (
      SELECT p.pending, p.index FROM log_position p WHERE p.log = ${v.log} AND p.index = ANY(${v.indexes}::bigint[])
    ), held AS (
      SELECT p.index, r.id, r.source, r.target FROM place p JOIN statement s ON s.pending = p.pending JOIN referral r ON r.id = s.referral
    )
    INSERT INTO audit_sample (audit, index, service, referral, erasure)
      SELECT ${v.audit}::uuid, h.index, who.service, h.id, NULL
        FROM held h, LATERAL (SELECT DISTINCT unnest(ARRAY[h.source, h.target]) AS service) who
      UNION ALL
      SELECT ${v.audit}, p.index, e.service, NULL, e.pending FROM place p JOIN erasure e ON e.pending = p.pending`,
);

/** Challenges that still run. */
export const OPEN_AUDITS = prepared(
  'audit-running',
  sql`SELECT count(*)::integer AS n FROM audit WHERE auditor = ${v.auditor} AND until >= domain_today()`,
);

export const FIND = prepared(
  'audit-find',
  sql`SELECT a.nonce, a.log, a.count, a.until::text, c.note, l.origin FROM audit a
    JOIN log l ON l.id = a.log JOIN log_checkpoint c ON c.log = a.log AND c.size = a.size
    WHERE a.id = ${v.audit} AND a.auditor = ${v.auditor}`,
);

export const ASKED = prepared(
  'audit-asked',
  sql`SELECT s.index, s.service, s.ctx IS NOT NULL AS answered FROM audit_sample s WHERE s.audit = ${v.audit}
    ORDER BY s.index, s.service`,
);

export const ANSWERS = unprepared(
  'audit-answers',
  sql`SELECT s.index, s.service, s.ctx, s.wrap, s.body FROM audit_sample s JOIN audit a ON a.id = s.audit
    WHERE s.audit = ${v.audit} AND a.auditor = ${v.auditor} AND s.ctx IS NOT NULL
      AND (s.index, s.service) > (${v.afterIndex}, ${v.afterService})
    ORDER BY s.index, s.service LIMIT ${v.limit}`,
);

/** What a service has yet to answer, and to whom. */
export const OPEN = unprepared(
  'audit-open',
  sql`SELECT s.audit, s.index, s.referral, s.erasure, e.jws, e.opening, a.until::text, d.certificate, d.box
    FROM audit_sample s JOIN audit a ON a.id = s.audit JOIN device d ON d.id = a.auditor
    LEFT JOIN erasure e ON e.pending = s.erasure
    WHERE s.service = ${v.service} AND s.ctx IS NULL AND a.until >= domain_today() AND d.revoked IS NULL
      AND (${v.afterUntil}::date IS NULL
        OR (a.until, s.audit, s.index) > (${v.afterUntil}, ${v.afterAudit}, ${v.afterOpenIndex}))
    ORDER BY a.until, s.audit, s.index LIMIT ${v.limit}`,
);

/** Once; a second answer changes nothing. */
export const ANSWER = prepared(
  'audit-answer',
  sql`UPDATE audit_sample s SET ctx = ${v.ctx}, wrap = ${v.wrap}, body = ${v.body} FROM audit a
    WHERE s.audit = ${v.audit} AND s.index = ${v.index} AND s.service = ${v.service} AND s.ctx IS NULL
      AND a.id = s.audit AND a.until >= domain_today()`,
);

export const TO_WHOM = prepared(
  'audit-to-whom',
  sql`SELECT d.box_id AS box FROM audit_sample s JOIN audit a ON a.id = s.audit JOIN device d ON d.id = a.auditor
    WHERE s.audit = ${v.audit} AND s.index = ${v.index} AND s.service = ${v.service}`,
);

/** Answers are for the report; what they show stays with the auditor. */
export const FORGET = prepared('audit-forget', sql`DELETE FROM audit WHERE until < domain_today() - 30`);
