import { sql } from '../../../database/index.js';

/** Columns of `referral` in the names of the API; `r` is the row. */
export const REFERRAL_COLUMNS = sql`r.id AS referral, r.kind, r.source, r.target,
  rtrim(translate(encode(r.to_key, 'base64'), E'+/\\n', '-_'), '=') AS "toKey", r.priority, r.status,
  r.status_reason AS "statusReason", r.outcome, r.review_on AS "reviewOn",
  to_char(r.sent_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "sentAt",
  to_char(r.respond_by AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "respondBy",
  r.consent, r.consent_state AS "consentState", r.keep_until AS "keepUntil",
  r.business_status AS "businessStatus", CASE WHEN r.passed THEN 'target' ELSE 'source' END AS responsible,
  r.due_soon IS TRUE AS "dueSoon", to_char(r.reminded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "remindedAt",
  r.redirect_to::text[] AS "redirectTo", r.erased_on AS "erasedOn",
  array_remove(ARRAY[CASE WHEN r.source_erased THEN 'source' END, CASE WHEN r.target_erased THEN 'target' END], NULL)
    AS "erasedBy"`;

/** The CTE `answered` of an act that changes one referral: the row of `acted` in the API's words. */
export const ANSWERED = sql`answered AS (SELECT row_to_json(a)::text AS answer FROM (SELECT ${REFERRAL_COLUMNS} FROM acted r) AS a)`;
