/** Columns of `referral` in the names of the API; `r` is the row. */
export const REFERRAL_COLUMNS = `r.id AS referral, r.kind, r.source, r.target,
  rtrim(translate(encode(r.to_key, 'base64'), E'+/\\n', '-_'), '=') AS "toKey", r.priority, r.status,
  r.status_reason AS "statusReason", r.outcome, r.review_on AS "reviewOn",
  to_char(r.sent_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "sentAt",
  to_char(r.respond_by AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "respondBy",
  r.consent, r.consent_state AS "consentState", r.keep_until AS "keepUntil"`;
