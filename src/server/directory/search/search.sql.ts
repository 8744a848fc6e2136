import { CAPACITY, HAS_FREE } from '../profiles/profile.sql.js';

/**
 * One page of a search: at most $4 rows of one key are looked at, in the order of the index, and for each its service, so
 * a page costs the same whatever the tables hold (hence a lateral join with a limit: it leaves the planner no table to
 * read whole). A page may show fewer services than it could; the next one goes on after the last row looked at. $1 stale
 * hours, $2 key, $3 after, $5 all keys, $6 postal code or null, $7 whether places must be free.
 */
export const SEARCH = {
  name: 'service-search',
  text: `WITH looked AS MATERIALIZED (
      SELECT service FROM service_search WHERE key = $2 AND service > $3 ORDER BY service LIMIT $4
    )
    SELECT l.service, f.*, to_char(domain_now() AT TIME ZONE n.time_zone, 'YYYY-MM-DD HH24:MI') AS local
    FROM looked l CROSS JOIN network n LEFT JOIN LATERAL (
      SELECT s.id, s.name, s.status, o.id AS "organisationId", o.name AS "organisationName", p.hours,
        ${CAPACITY} AS capacity
      FROM service s JOIN organisation o ON o.id = s.organisation AND o.status = 'active'
        JOIN service_profile p ON p.service = s.id AND p.keys @> $5::text[]
        LEFT JOIN service_capacity c ON c.service = s.id
      WHERE s.id = l.service AND ($6::text IS NULL OR cardinality(p.area) = 0 OR $6 = ANY(p.area))
        AND (NOT $7::boolean OR ${HAS_FREE})
      LIMIT 1
    ) f ON true ORDER BY l.service`,
};
