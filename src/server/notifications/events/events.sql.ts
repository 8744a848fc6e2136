/** Below the oldest transaction that still runs: nothing is added there any more. */
export const HERE = `here AS MATERIALIZED (
  SELECT pg_snapshot_xmin(pg_current_snapshot()) AS below, domain_now() AS now
)`;

const ISO = `'YYYY-MM-DD"T"HH24:MI:SS"Z"'`;

/**
 * Events of a service after a place, oldest first, out of the primary key; one row without an event where there is none.
 * `lost`: events may have gone from behind the place, or it is from a database that was put back to an earlier state.
 */
export const PAGE = {
  name: 'events-page',
  text: `WITH ${HERE}
    SELECT here.below::text, to_char(here.now AT TIME ZONE 'UTC', ${ISO}) AS now,
      $2::xid8 > here.below OR $5::timestamptz < here.now - interval '28 days'
        OR $5::timestamptz < (SELECT events_since FROM network) AS lost,
      page.id, page.type, page.referral, to_char(page.at AT TIME ZONE 'UTC', ${ISO}) AS at, page.xid::text
    FROM here LEFT JOIN LATERAL (
      SELECT e.id, e.type, e.referral, e.at, e.xid FROM event e
      WHERE e.service = $1 AND (e.xid, e.id) > ($2::xid8, $3::uuid) AND e.xid < here.below
      ORDER BY e.xid, e.id LIMIT $4
    ) AS page ON true
    ORDER BY page.xid, page.id`,
};

/** Which of the places have something after them now: one look for everybody who waits. */
export const LOOK = {
  name: 'events-look',
  text: `WITH ${HERE}
    SELECT w.n::integer FROM here,
      unnest($1::uuid[], $2::xid8[], $3::uuid[]) WITH ORDINALITY AS w (service, xid, id, n)
    WHERE EXISTS (
      SELECT FROM event e WHERE e.service = w.service AND (e.xid, e.id) > (w.xid, w.id) AND e.xid < here.below
    )`,
};

/** A batch of what is older than 30 days. */
export const DROP_OLD = {
  name: 'events-drop',
  text: `DELETE FROM event WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM event WHERE at < domain_now() - interval '30 days' LIMIT $1))`,
};
