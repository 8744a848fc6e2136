import { named, prepared, sql } from '../../../database/index.js';

const v = named<{
  service: string;
  xid: string | null;
  id: string | null;
  limit: number;
  at: string | null;
  services: readonly string[];
  xids: readonly string[];
  ids: readonly string[];
  batch: number;
}>();
/** Below the oldest transaction that still runs: nothing is added there any more. */
export const HERE = sql`here AS MATERIALIZED (
  SELECT pg_snapshot_xmin(pg_current_snapshot()) AS below, domain_now() AS now
)`;

const ISO = sql`'YYYY-MM-DD"T"HH24:MI:SS"Z"'`;

/**
 * Events of a service after a place, oldest first, out of the primary key; one row without an event where
 * there is none. `lost`: events may have gone from behind the place, or it is from a database that was put
 * back to an earlier state.
 */
export const PAGE = prepared(
  'events-page',
  sql`WITH ${HERE}
    SELECT here.below::text, to_char(here.now AT TIME ZONE 'UTC', ${ISO}) AS now,
      ${v.xid}::xid8 > here.below OR ${v.at}::timestamptz < here.now - interval '28 days'
        OR ${v.at}::timestamptz < (SELECT events_since FROM network) AS lost,
      page.id, page.type, page.referral, to_char(page.at AT TIME ZONE 'UTC', ${ISO}) AS at, page.xid::text
    FROM here LEFT JOIN LATERAL (
      SELECT e.id, e.type, e.referral, e.at, e.xid FROM event e
      WHERE e.service = ${v.service} AND (e.xid, e.id) > (${v.xid}::xid8, ${v.id}::uuid) AND e.xid < here.below
      ORDER BY e.xid, e.id LIMIT ${v.limit}
    ) AS page ON true
    ORDER BY page.xid, page.id`,
);

/** Which of the places have something after them now: one look for everybody who waits. */
export const LOOK = prepared(
  'events-look',
  sql`WITH ${HERE}
    SELECT w.n::integer FROM here,
      unnest(${v.services}::uuid[], ${v.xids}::xid8[], ${v.ids}::uuid[]) WITH ORDINALITY AS w (service, xid, id, n)
    WHERE EXISTS (
      SELECT FROM event e WHERE e.service = w.service AND (e.xid, e.id) > (w.xid, w.id) AND e.xid < here.below
    )`,
);

/** A batch of what is older than 30 days. */
export const DROP_OLD = prepared(
  'events-drop',
  sql`DELETE FROM event WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM event WHERE at < domain_now() - interval '30 days' LIMIT ${v.batch}))`,
);
