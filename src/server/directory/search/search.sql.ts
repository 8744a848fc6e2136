import { named, prepared, sql } from '../../../database/index.js';
import { CAPACITY, HAS_FREE } from '../profiles/profile.sql.js';

const v = named<{
  key: string;
  after: string;
  looks: number;
  keys: readonly string[];
  near: string | null;
  free: boolean;
}>();

/**
 * One page of a search: at most `looks` rows of one key are looked at, in the order of the index, and for
 * each its service, so a page costs the same whatever the tables hold (hence a lateral join with a limit: it
 * leaves the planner no table to read whole). A page may show fewer services than it could; the next one goes
 * on after the last row looked at. `key` is one of all `keys`, `near` a postal code, `free` whether places
 * must be free.
 */
export const SEARCH = prepared(
  'service-search',
  sql`WITH looked AS MATERIALIZED (
      SELECT service FROM service_search WHERE key = ${v.key} AND service > ${v.after} ORDER BY service LIMIT ${v.looks}
    )
    SELECT l.service, f.*, to_char(domain_now() AT TIME ZONE n.time_zone, 'YYYY-MM-DD HH24:MI') AS local
    FROM looked l CROSS JOIN network n LEFT JOIN LATERAL (
      SELECT s.id, s.name, s.status, o.id AS "organisationId", o.name AS "organisationName", p.hours,
        ${CAPACITY} AS capacity
      FROM service s JOIN organisation o ON o.id = s.organisation AND o.status = 'active'
        JOIN service_profile p ON p.service = s.id AND p.keys @> ${v.keys}::text[]
        LEFT JOIN service_capacity c ON c.service = s.id
      WHERE s.id = l.service AND (${v.near}::text IS NULL OR cardinality(p.area) = 0 OR ${v.near} = ANY(p.area))
        AND (NOT ${v.free}::boolean OR ${HAS_FREE})
      LIMIT 1
    ) f ON true ORDER BY l.service`,
);
