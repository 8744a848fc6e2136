/**
 * What becomes of a referral's own row with the act that closes it, where `closes` holds, and erases its content, where
 * `erases` does: hours are cut to days, and what only mattered on the way is gone. `r` is the row.
 */
export function closing(closes: string, erases: string): string {
  const gone = (column: string): string => `${column} = CASE WHEN ${closes} THEN NULL ELSE r.${column} END`;
  return `open = r.open AND NOT ${closes},
    sent_at = CASE WHEN ${closes} THEN date_trunc('day', r.sent_at) ELSE r.sent_at END,
    ${['respond_by', 'paused_hours', 'pause_used', 'due_soon', 'reminded_at'].map(gone).join(', ')},
    closed_on = CASE WHEN ${closes} THEN coalesce(r.closed_on, domain_today()) ELSE r.closed_on END,
    erased_on = CASE WHEN ${erases} THEN coalesce(r.erased_on, domain_today()) ELSE r.erased_on END`;
}

/**
 * What an act does beyond its row, out of the CTE `acted` (the changed row with `was_open`, `closes`, `erases`). Where
 * the new state keeps nothing of what was passed on, it is deleted; where it does, it moves beside the closed referral.
 * Statements and openings go along: they prove consent and withdrawal until their own retention.
 */
const KEPT_STATEMENTS = `kept_statements AS (
    UPDATE statement s SET open = false, ended_on = a.closed_on FROM acted a
    WHERE a.was_open AND a.closes AND s.open AND s.referral = a.id
  )`;
export const CLOSE = `${['handoff_wrap', 'handoff', 'carried_over'].map(goneSql).join(', ')}, ${KEPT_STATEMENTS}`;

/**
 * The same where every act of `acted` erases, and PostgreSQL has refused to read a damaged page: what can be erased is, and
 * what cannot is noted and tried again later. Each table by itself costs more, so this comes after `CLOSE` alone. The last
 * SELECT has to ask for it: what nobody asks for is not run.
 */
export const CLOSE_DAMAGED = `readable AS MATERIALIZED (SELECT erase_readable(a.id) AS whole FROM acted a), ${KEPT_STATEMENTS}`;
export const ERASED_READABLE = '(SELECT count(*) FROM readable) >= 0';

function goneSql(table: string): string {
  return `gone_${table} AS (
    DELETE FROM ${table} t USING acted a WHERE t.open = a.was_open AND t.referral = a.id AND a.erases
  ), kept_${table} AS (
    UPDATE ${table} t SET open = false FROM acted a
    WHERE a.was_open AND a.closes AND NOT a.erases AND t.open AND t.referral = a.id
  )`;
}
