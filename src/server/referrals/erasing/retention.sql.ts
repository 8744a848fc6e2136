import { named, sql, unprepared, type Sql } from '../../../database/index.js';

const v = named<{ batch: number; doneUntil: string | null }>();

/** Days of the charter in force; a path such as `'{retentionDays,statements}'`. */
function days(path: Sql): Sql {
  return sql`(SELECT (c.text::jsonb #>> ${path})::integer FROM charter_version c
    WHERE c.valid_from <= domain_today() ORDER BY c.version DESC LIMIT 1)`;
}
const STATEMENT_DAYS = days(sql`'{retentionDays,statements}'`);

/**
 * What outlives its use goes, once a day and a batch at a time: a closed referral's row first, and later its
 * statements with their openings, so that its leaves are random bytes to everybody. A referral that nobody
 * ever closed goes with its content's last day and the same time after it. Rows come in the order of their
 * end, so a block range index finds them.
 *
 * Batches write more than dropping a month's partition would: a partition by month would have to be in the
 * key of every look-up by id, which then asks each month. The look-ups are many, this is one batch a day.
 */
export const RETENTION = [
  unprepared(
    'retention-referrals',
    sql`WITH keep AS MATERIALIZED (SELECT domain_today() - ${days(sql`'{retentionDays,closedReferrals}'`)} AS until), past AS MATERIALIZED (
        SELECT r.open, r.id, coalesce(r.closed_on, r.keep_until) AS ended_on FROM referral r, keep
        WHERE domain_today()::text IS DISTINCT FROM ${v.doneUntil} AND r.erased_on IS NOT NULL
          AND (r.open AND r.keep_until < keep.until OR NOT r.open AND r.closed_on < keep.until)
        LIMIT ${v.batch} * 50 FOR UPDATE OF r SKIP LOCKED
      ), ended AS (
        UPDATE statement s SET open = false, ended_on = p.ended_on FROM past p WHERE p.open AND s.open AND s.referral = p.id
      ), seconds AS (DELETE FROM second_code c USING past p WHERE c.referral = p.id),
      gone AS (DELETE FROM referral r USING past p WHERE r.open = p.open AND r.id = p.id RETURNING 1)
      SELECT count(*)::integer AS done, domain_today()::text AS until FROM gone`,
  ),
  unprepared(
    'retention-statements',
    sql`WITH past AS MATERIALIZED (
        SELECT s.referral, s.number, s.pending FROM statement_closed s
        WHERE domain_today()::text IS DISTINCT FROM ${v.doneUntil} AND s.ended_on < domain_today() - ${STATEMENT_DAYS}
        LIMIT ${v.batch} * 50 FOR UPDATE SKIP LOCKED
      ), places AS (DELETE FROM log_position l USING past p WHERE l.pending = p.pending),
      gone AS (
        DELETE FROM statement s USING past p WHERE NOT s.open AND s.referral = p.referral AND s.number = p.number RETURNING 1
      ) SELECT count(*)::integer AS done, domain_today()::text AS until FROM gone`,
  ),
  unprepared(
    'retention-erasures',
    sql`WITH past AS MATERIALIZED (
        SELECT e.pending FROM erasure e
        WHERE domain_today()::text IS DISTINCT FROM ${v.doneUntil} AND e.day < domain_today() - ${STATEMENT_DAYS}
        LIMIT ${v.batch} * 50
      ), places AS (DELETE FROM log_position l USING past p WHERE l.pending = p.pending),
      gone AS (DELETE FROM erasure e USING past p WHERE e.pending = p.pending RETURNING 1)
      SELECT count(*)::integer AS done, domain_today()::text AS until FROM gone`,
  ),
].map((whole) => ({ whole }));
