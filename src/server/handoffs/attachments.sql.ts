import { onceSql } from '../common/http/index.js';
import { named, prepared, sql, unprepared, whole } from '../../database/index.js';

const v = named<{
  attachment: string;
  referral: string;
  service: string;
  size: number;
  organisation: string;
  most: number;
  services: readonly string[];
  readKid: string | null;
  number: number;
  bytes: Uint8Array;
}>();
/**
 * Uploads that an organisation may have begun and not sent: at most so many times 10 MiB, for everybody the
 * same.
 */
export const MOST_BEGUN = 32;

/** One organisation begins one upload after another, so that its limit is counted right. */
export const QUEUE = prepared(
  'attachment-queue',
  sql`SELECT pg_advisory_xact_lock(1, hashtext('attachments ' || ${v.organisation}))`,
);

/**
 * Why nothing may be begun, if something stands against it; what belongs to a referral that was sent is there
 * by then.
 */
const AGAINST = sql`CASE
    WHEN EXISTS (SELECT FROM referral r WHERE r.id = ${v.referral}::uuid)
      OR (SELECT count(*) FROM attachment a WHERE a.referral = ${v.referral}::uuid) >= ${v.most} THEN 'wrong_state'
    WHEN (SELECT count(*) FROM attachment a JOIN service s ON s.id = a.service WHERE a.begun_at IS NOT NULL
        AND s.organisation = ${v.organisation}
          AND NOT EXISTS (SELECT FROM referral r WHERE r.id = a.referral)) >= ${whole(MOST_BEGUN)}
      THEN 'rate_limited' END`;

/** A row where the upload has begun, now or, the very same, before. */
export const BEGIN = unprepared(
  'attachment-begin',
  sql`WITH same AS MATERIALIZED (
      SELECT 1 FROM attachment a
        WHERE a.id = ${v.attachment}::uuid AND a.referral = ${v.referral}::uuid AND a.service = ${v.service}::uuid
          AND a.size = ${v.size}::integer
    ), begun AS (
      INSERT INTO attachment (id, referral, service, size, begun_at)
      SELECT ${v.attachment}::uuid, ${v.referral}::uuid, ${v.service}::uuid,
        ${v.size}::integer, date_trunc('hour', domain_now())
      WHERE NOT EXISTS (SELECT FROM same) AND ${AGAINST} IS NULL ON CONFLICT DO NOTHING RETURNING 1
    ) SELECT * FROM same UNION ALL SELECT * FROM begun`,
);

export const BEGIN_WHY = unprepared(
  'attachment-begin-why',
  sql`SELECT CASE WHEN EXISTS (SELECT FROM attachment a WHERE a.id = ${v.attachment}::uuid
      AND NOT (a.referral = ${v.referral}::uuid AND a.service = ${v.service}::uuid AND a.size = ${v.size}::integer))
        THEN 'wrong_state'
    ELSE ${AGAINST} END AS code`,
);

const RECEIVED = sql`ARRAY(SELECT p.number FROM attachment_part p WHERE p.attachment = a.id ORDER BY p.number) AS received`;
/**
 * Whoever uploads, until it has released a transfer; and as a handoff, the receiving service once it has
 * acknowledged, and the person. Of another's upload under this referral nobody hears.
 */
const READABLE = sql`(a.service = ANY(${v.services}::uuid[]) AND NOT EXISTS (SELECT FROM referral r WHERE r.id = a.referral AND r.passed)
  OR EXISTS (SELECT FROM referral r WHERE r.id = a.referral
    AND r.source = a.service
      AND (r.target = ANY(${v.services}::uuid[]) AND r.status <> 'requested' OR r.read_kid = ${v.readKid})))`;

export const SHOW = prepared(
  'attachment-show',
  sql`SELECT a.id AS attachment, a.referral, a.size, ${RECEIVED} FROM attachment a
    WHERE a.id = ${v.attachment} AND ${READABLE}`,
);

export const READ_PART = prepared(
  'attachment-read-part',
  sql`SELECT p.bytes FROM attachment a JOIN attachment_part p ON p.attachment = a.id
    WHERE a.id = ${v.attachment} AND p.number = ${v.number} AND ${READABLE}`,
);

/**
 * CTEs that take a part of exactly the length that its place asks for, while the referral was not sent. The
 * upload's row is held, so that whatever erases it waits and then takes this part along.
 */
export const TAKE_PART = prepared(
  'attachment-part',
  onceSql(sql`gate AS MATERIALIZED (
    SELECT a.id FROM free, attachment a
    WHERE a.id = ${v.attachment} AND a.service = ANY(${v.services}::uuid[])
      AND octet_length(${v.bytes}::bytea) = least(131072, a.size - 131072 * ${v.number}::integer)
      AND NOT EXISTS (SELECT FROM referral r WHERE r.id = a.referral)
    FOR KEY SHARE OF a
  ), there AS MATERIALIZED (
    SELECT p.bytes = ${v.bytes} AS same FROM attachment_part p
      WHERE p.attachment = ${v.attachment} AND p.number = ${v.number}
  ), taken AS (
    INSERT INTO attachment_part (attachment, number, bytes)
    SELECT id, ${v.number}, ${v.bytes} FROM gate WHERE NOT EXISTS (SELECT FROM there)
  ), answered AS (
    SELECT json_build_object('attachment', id, 'number', ${v.number}::integer)::text AS answer FROM gate
    WHERE NOT EXISTS (SELECT FROM there WHERE NOT same)
  )`),
);

/** Why a part was not taken: no upload of theirs, a referral that was sent, or a part that does not fit. */
export const WHY = prepared(
  'attachment-why',
  sql`SELECT CASE WHEN EXISTS (SELECT FROM referral r WHERE r.id = a.referral) THEN 'wrong_state'
      WHEN octet_length(${v.bytes}::bytea) <> least(131072, a.size - 131072 * ${v.number}::integer) THEN 'input_invalid'
      WHEN EXISTS (SELECT FROM attachment_part p WHERE p.attachment = a.id AND p.number = ${v.number} AND p.bytes <> ${v.bytes})
        THEN 'wrong_state' END AS code
    FROM attachment a WHERE a.id = ${v.attachment} AND a.service = ANY(${v.services}::uuid[])`,
);

/** What was begun a day ago and not sent; and what was sent and has gone already. */
export const FORGET = unprepared(
  'attachment-forget',
  sql`DELETE FROM attachment a
  WHERE a.begun_at < domain_now() - interval '25 hours' AND NOT EXISTS (SELECT FROM referral r WHERE r.id = a.referral)
    OR a.begun_at IS NOT NULL AND EXISTS (SELECT FROM referral r WHERE r.id = a.referral)
      AND NOT EXISTS (SELECT FROM handoff h WHERE h.referral = a.referral)`,
);
/** Of what was sent the hour is not kept: the referral has its own, and cuts it when it closes. */
export const SETTLE = unprepared(
  'attachment-settle',
  sql`UPDATE attachment a SET begun_at = NULL
  WHERE a.begun_at IS NOT NULL AND EXISTS (SELECT FROM handoff h WHERE h.referral = a.referral)`,
);
