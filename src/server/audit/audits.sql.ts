/** A checkpoint that was published, by the year of its log. */
export const TREE = {
  name: 'audit-tree',
  text: `SELECT c.log, c.note FROM log_checkpoint c JOIN log l ON l.id = c.log
    WHERE l.kind = 'consent' AND l.year = $1 AND c.size = $2`,
};

/** A week to look into one's own cases, and another one for holidays. */
export const DRAW = {
  name: 'audit-draw',
  text: `INSERT INTO audit (id, auditor, nonce, log, size, count, until)
    VALUES ($1, $2, $3, $4, $5, $6, domain_today() + 14) RETURNING until::text`,
};

/**
 * Whom to ask of each drawn leaf. Statements are not found by their place, so this looks through all of them: some seconds for
 * a million, once for each challenge.
 */
export const ASK = {
  text: `WITH place AS MATERIALIZED (
      SELECT p.pending, p.index FROM log_position p WHERE p.log = $2 AND p.index = ANY($3::bigint[])
    ), held AS (
      SELECT p.index, r.id, r.source, r.target FROM place p JOIN statement s ON s.pending = p.pending JOIN referral r ON r.id = s.referral
    )
    INSERT INTO audit_sample (audit, index, service, referral, erasure)
      SELECT $1::uuid, h.index, who.service, h.id, NULL FROM held h, LATERAL (SELECT DISTINCT unnest(ARRAY[h.source, h.target]) AS service) who
      UNION ALL
      SELECT $1, p.index, e.service, NULL, e.pending FROM place p JOIN erasure e ON e.pending = p.pending`,
};

/** Challenges that still run. */
export const OPEN_AUDITS = {
  name: 'audit-running',
  text: `SELECT count(*)::integer AS n FROM audit WHERE auditor = $1 AND until >= domain_today()`,
};

export const FIND = {
  name: 'audit-find',
  text: `SELECT a.id, a.nonce, a.log, a.size, a.count, a.until::text, c.note, l.year, l.origin FROM audit a
    JOIN log l ON l.id = a.log JOIN log_checkpoint c ON c.log = a.log AND c.size = a.size
    WHERE a.id = $1 AND a.auditor = $2`,
};

export const ASKED = {
  name: 'audit-asked',
  text: `SELECT s.index, s.service, s.ctx IS NOT NULL AS answered FROM audit_sample s WHERE s.audit = $1 ORDER BY s.index, s.service`,
};

export const ANSWERS = {
  text: `SELECT s.index, s.service, s.ctx, s.wrap, s.body FROM audit_sample s JOIN audit a ON a.id = s.audit
    WHERE s.audit = $1 AND a.auditor = $2 AND s.ctx IS NOT NULL AND (s.index, s.service) > ($3, $4)
    ORDER BY s.index, s.service LIMIT $5`,
};

/** What a service has yet to answer, and to whom. */
export const OPEN = {
  text: `SELECT s.audit, s.index, s.referral, s.erasure, e.jws, e.opening, a.until::text, d.certificate, d.box
    FROM audit_sample s JOIN audit a ON a.id = s.audit JOIN device d ON d.id = a.auditor
    LEFT JOIN erasure e ON e.pending = s.erasure
    WHERE s.service = $1 AND s.ctx IS NULL AND a.until >= domain_today() AND d.revoked IS NULL
      AND ($2::date IS NULL OR (a.until, s.audit, s.index) > ($2, $3, $4))
    ORDER BY a.until, s.audit, s.index LIMIT $5`,
};

/** Once; a second answer changes nothing. */
export const ANSWER = {
  name: 'audit-answer',
  text: `UPDATE audit_sample s SET ctx = $4, wrap = $5, body = $6 FROM audit a
    WHERE s.audit = $1 AND s.index = $2 AND s.service = $3 AND s.ctx IS NULL AND a.id = s.audit AND a.until >= domain_today()`,
};

export const TO_WHOM = {
  name: 'audit-to-whom',
  text: `SELECT d.box_id AS box FROM audit_sample s JOIN audit a ON a.id = s.audit JOIN device d ON d.id = a.auditor
    WHERE s.audit = $1 AND s.index = $2 AND s.service = $3`,
};

/** Answers are for the report; what they show stays with the auditor. */
export const FORGET = {
  name: 'audit-forget',
  text: `DELETE FROM audit WHERE until < domain_today() - 30`,
};
