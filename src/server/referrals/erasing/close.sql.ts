import { sql, type Sql } from '../../../database/index.js';

const TRUE = sql`true`;

/**
 * What becomes of a referral's own row with the act that closes it, where `closes` holds, and erases its
 * content, where `erases` does: hours are cut to days, and what only mattered on the way is gone. `r` is the
 * row.
 */
export function closing<C = unknown, E = unknown>(closes: Sql<C> = TRUE, erases: Sql<E> = TRUE): Sql<C & E> {
  const gone = (column: Sql) => sql`CASE WHEN ${closes} THEN NULL ELSE ${column} END`;
  return sql`open = r.open AND NOT ${closes},
    sent_at = CASE WHEN ${closes} THEN date_trunc('day', r.sent_at) ELSE r.sent_at END,
    respond_by = ${gone(sql`r.respond_by`)}, paused_hours = ${gone(sql`r.paused_hours`)},
    pause_used = ${gone(sql`r.pause_used`)}, due_soon = ${gone(sql`r.due_soon`)}, reminded_at = ${gone(sql`r.reminded_at`)},
    closed_on = CASE WHEN ${closes} THEN coalesce(r.closed_on, domain_today()) ELSE r.closed_on END,
    erased_on = CASE WHEN ${erases} THEN coalesce(r.erased_on, domain_today()) ELSE r.erased_on END`;
}

const KEPT_STATEMENTS = sql`kept_statements AS (
    UPDATE statement s SET open = false, ended_on = a.closed_on FROM acted a
    WHERE a.was_open AND a.closes AND s.open AND s.referral = a.id
  )`;

/**
 * What an act does beyond its row, out of the CTE `acted` (the changed row with `was_open`, `closes`,
 * `erases`). Where the new state keeps nothing of what was passed on, it is deleted; where it does, it moves
 * beside the closed referral. Statements and openings go along: they prove consent and withdrawal until their
 * own retention.
 */
export const CLOSE = sql`gone_wraps AS (
    DELETE FROM handoff_wrap t USING acted a WHERE t.open = a.was_open AND t.referral = a.id AND a.erases
  ), kept_wraps AS (
    UPDATE handoff_wrap t SET open = false FROM acted a
    WHERE a.was_open AND a.closes AND NOT a.erases AND t.open AND t.referral = a.id
  ), gone_handoff AS (
    DELETE FROM handoff t USING acted a WHERE t.open = a.was_open AND t.referral = a.id AND a.erases
  ), kept_handoff AS (
    UPDATE handoff t SET open = false FROM acted a
    WHERE a.was_open AND a.closes AND NOT a.erases AND t.open AND t.referral = a.id
  ), gone_carried AS (
    DELETE FROM carried_over t USING acted a WHERE t.open = a.was_open AND t.referral = a.id AND a.erases
  ), kept_carried AS (
    UPDATE carried_over t SET open = false FROM acted a
    WHERE a.was_open AND a.closes AND NOT a.erases AND t.open AND t.referral = a.id
  ), ${KEPT_STATEMENTS}`;

/**
 * The same where every act of `acted` erases, and PostgreSQL has refused to read a damaged page: what can be
 * erased is, and what cannot is noted and tried again later. Each table by itself costs more, so this comes
 * after `CLOSE` alone. The last SELECT has to ask for it: what nobody asks for is not run.
 */
export const CLOSE_DAMAGED = sql`readable AS MATERIALIZED (SELECT erase_readable(a.id) AS whole FROM acted a), ${KEPT_STATEMENTS}`;
export const ERASED_READABLE = sql`(SELECT count(*) FROM readable) >= 0`;
