import { CAPACITY, HAS_FREE } from './profile.sql.js';

/**
 * One page of a search: at most $4 rows of one key are looked at, in the order of the index, so a page costs the same
 * whatever the table holds; a page may show fewer services than it could, and the next one goes on after the last row
 * looked at. $1 stale hours, $2 key, $3 after, $5 all keys, $6 postal code or null, $7 whether places must be free.
 */
export const SEARCH = {
  name: 'service-search',
  text: `WITH looked AS MATERIALIZED (
      SELECT service FROM service_search WHERE key = $2 AND service > $3 ORDER BY service LIMIT $4
    ), found AS (
      SELECT s.id, s.name, s.status, o.id AS "organisationId", o.name AS "organisationName", p.hours,
        ${CAPACITY} AS capacity
      FROM looked l JOIN service s ON s.id = l.service
        JOIN organisation o ON o.id = s.organisation AND o.status = 'active'
        JOIN service_profile p ON p.service = s.id AND p.keys @> $5::text[]
        LEFT JOIN service_capacity c ON c.service = s.id
      WHERE ($6::text IS NULL OR cardinality(p.area) = 0 OR $6 = ANY(p.area)) AND (NOT $7::boolean OR ${HAS_FREE})
    )
    SELECT l.service, f.*, to_char(domain_now() AT TIME ZONE n.time_zone, 'YYYY-MM-DD HH24:MI') AS local
    FROM looked l CROSS JOIN network n LEFT JOIN found f ON f.id = l.service ORDER BY l.service`,
};
