/** Uploads that an organisation may have begun and not sent: at most so many times 10 MiB, for everybody the same. */
export const MOST_BEGUN = 32;

/** One organisation begins one upload after another, so that its limit is counted right. */
export const QUEUE = {
  name: 'attachment-queue',
  text: "SELECT pg_advisory_xact_lock(1, hashtext('attachments ' || $1))",
};

/** Why nothing may be begun, if something stands against it; what belongs to a referral that was sent is there by then. */
const AGAINST = `CASE
    WHEN EXISTS (SELECT FROM referral r WHERE r.id = $2::uuid)
      OR (SELECT count(*) FROM attachment a WHERE a.referral = $2::uuid) >= $6 THEN 'wrong_state'
    WHEN (SELECT count(*) FROM attachment a JOIN service s ON s.id = a.service WHERE a.begun_at IS NOT NULL
        AND s.organisation = $5 AND NOT EXISTS (SELECT FROM referral r WHERE r.id = a.referral)) >= ${MOST_BEGUN}
      THEN 'rate_limited' END`;

/** A row where the upload has begun, now or, the very same, before. */
export const BEGIN = {
  text: `WITH same AS MATERIALIZED (
      SELECT 1 FROM attachment a WHERE a.id = $1::uuid AND a.referral = $2::uuid AND a.service = $3::uuid AND a.size = $4::integer
    ), begun AS (
      INSERT INTO attachment (id, referral, service, size, begun_at)
      SELECT $1::uuid, $2::uuid, $3::uuid, $4::integer, date_trunc('hour', domain_now())
      WHERE NOT EXISTS (SELECT FROM same) AND ${AGAINST} IS NULL ON CONFLICT DO NOTHING RETURNING 1
    ) SELECT * FROM same UNION ALL SELECT * FROM begun`,
};

export const BEGIN_WHY = {
  text: `SELECT CASE WHEN EXISTS (SELECT FROM attachment a WHERE a.id = $1::uuid
      AND NOT (a.referral = $2::uuid AND a.service = $3::uuid AND a.size = $4::integer)) THEN 'wrong_state'
    ELSE ${AGAINST} END AS code`,
};

const RECEIVED = `ARRAY(SELECT p.number FROM attachment_part p WHERE p.attachment = a.id ORDER BY p.number) AS received`;
/**
 * Whoever uploads, until it has released a transfer; and as a handoff, the receiving service once it has acknowledged, and
 * the person. Of another's upload under this referral nobody hears.
 */
const READABLE = `(a.service = ANY($2::uuid[]) AND NOT EXISTS (SELECT FROM referral r WHERE r.id = a.referral AND r.passed)
  OR EXISTS (SELECT FROM referral r WHERE r.id = a.referral
    AND r.source = a.service
      AND (r.target = ANY($2::uuid[]) AND r.status <> 'requested' OR r.read_kid = $3)))`;

export const SHOW = {
  name: 'attachment-show',
  text: `SELECT a.id AS attachment, a.referral, a.size, ${RECEIVED} FROM attachment a WHERE a.id = $1 AND ${READABLE}`,
};

export const READ_PART = {
  name: 'attachment-read-part',
  text: `SELECT p.bytes FROM attachment a JOIN attachment_part p ON p.attachment = a.id
    WHERE a.id = $1 AND p.number = $4 AND ${READABLE}`,
};

/**
 * CTEs that take a part of exactly the length that its place asks for, while the referral was not sent. The upload's row
 * is held, so that whatever erases it waits and then takes this part along.
 */
export const TAKE_PART = `gate AS MATERIALIZED (
    SELECT a.id FROM free, attachment a
    WHERE a.id = $4 AND a.service = ANY($5::uuid[])
      AND octet_length($7::bytea) = least(131072, a.size - 131072 * $6::integer)
      AND NOT EXISTS (SELECT FROM referral r WHERE r.id = a.referral)
    FOR KEY SHARE OF a
  ), there AS MATERIALIZED (
    SELECT p.bytes = $7 AS same FROM attachment_part p WHERE p.attachment = $4 AND p.number = $6
  ), taken AS (
    INSERT INTO attachment_part (attachment, number, bytes)
    SELECT id, $6, $7 FROM gate WHERE NOT EXISTS (SELECT FROM there)
  ), answered AS (
    SELECT json_build_object('attachment', id, 'number', $6::integer)::text AS answer FROM gate
    WHERE NOT EXISTS (SELECT FROM there WHERE NOT same)
  )`;

/** Why a part was not taken: no upload of theirs, a referral that was sent, or a part that does not fit. */
export const WHY = {
  name: 'attachment-why',
  text: `SELECT CASE WHEN EXISTS (SELECT FROM referral r WHERE r.id = a.referral) THEN 'wrong_state'
      WHEN octet_length($4::bytea) <> least(131072, a.size - 131072 * $3::integer) THEN 'input_invalid'
      WHEN EXISTS (SELECT FROM attachment_part p WHERE p.attachment = a.id AND p.number = $3 AND p.bytes <> $4)
        THEN 'wrong_state' END AS code
    FROM attachment a WHERE a.id = $1 AND a.service = ANY($2::uuid[])`,
};

/** What was begun a day ago and not sent; and what was sent and has gone already. */
export const FORGET = `DELETE FROM attachment a
  WHERE a.begun_at < domain_now() - interval '25 hours' AND NOT EXISTS (SELECT FROM referral r WHERE r.id = a.referral)
    OR a.begun_at IS NOT NULL AND EXISTS (SELECT FROM referral r WHERE r.id = a.referral)
      AND NOT EXISTS (SELECT FROM handoff h WHERE h.referral = a.referral)`;
/** Of what was sent the hour is not kept: the referral has its own, and cuts it when it closes. */
export const SETTLE = `UPDATE attachment a SET begun_at = NULL
  WHERE a.begun_at IS NOT NULL AND EXISTS (SELECT FROM handoff h WHERE h.referral = a.referral)`;
