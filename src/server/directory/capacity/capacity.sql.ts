import { onceSql } from '../../common/http/index.js';

/** States a capacity; what is held stays held. $4 service, $5 organisation, $6 unit, $7 available, $8 maximum, $9 waiting. */
export const SET_CAPACITY = onceSql(
  'capacity-set',
  `saved AS (
      INSERT INTO service_capacity AS c (service, unit, available, maximum, waiting, updated)
      SELECT s.id, $6, $7::integer, $8::integer, $9::integer, date_trunc('second', domain_now())
      FROM free, service s JOIN organisation o ON o.id = s.organisation
      WHERE s.id = $4 AND s.organisation = $5 AND o.status = 'active'
      ON CONFLICT (service) DO UPDATE SET unit = EXCLUDED.unit, available = EXCLUDED.available,
        maximum = EXCLUDED.maximum, waiting = EXCLUDED.waiting, updated = EXCLUDED.updated
      RETURNING c.updated
    ), answered AS (
      SELECT json_build_object('updated', to_char(updated AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))::text AS answer
      FROM saved
    )`,
);

/** A row without a code where the service is there, its organisation works, and it is the caller's own. */
export const CAPACITY_WHY = {
  name: 'capacity-why',
  text: `SELECT NULL AS code FROM service s JOIN organisation o ON o.id = s.organisation
    WHERE s.id = $1 AND s.organisation = $2 AND o.status = 'active'`,
};

/** Free, as far as is known. */
function isFree(hours: string): string {
  return `c.held < c.available AND c.updated > domain_now() - make_interval(hours => ${hours})`;
}

/**
 * Holds a place while one is free. The row of the capacity is where parallel holds meet: whoever waits for it sees what is
 * held by then. $4 service, $5 hash of the token, $6 hours after which a capacity is unknown, $7 hours that a hold lives.
 */
export const HOLD = onceSql(
  'hold-place',
  `counted AS (
      UPDATE service_capacity c SET held = c.held + 1
      FROM free, service s JOIN organisation o ON o.id = s.organisation
      WHERE c.service = $4 AND s.id = c.service AND s.status = 'open' AND o.status = 'active'
        AND ${isFree('$6')}
      RETURNING c.service
    ), placed AS (
      INSERT INTO place_hold (token_hash, service, until)
      SELECT $5, service, date_trunc('hour', domain_now() + make_interval(hours => $7 + 1)) FROM counted
      RETURNING until
    ), answered AS (
      SELECT json_build_object('until', to_char(until AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))::text AS answer
      FROM placed
    )`,
);

/** Why no place can be held: whether the service is there, open, and has one free. */
export const HOLD_WHY = {
  name: 'hold-why',
  text: `SELECT CASE WHEN s.status <> 'open' THEN 'service_closed' WHEN (${isFree('$2')}) IS NOT TRUE THEN 'no_place' END AS code
    FROM service s JOIN organisation o ON o.id = s.organisation LEFT JOIN service_capacity c ON c.service = s.id
    WHERE s.id = $1 AND o.status = 'active'`,
};

export const END_HOLD = {
  name: 'hold-end',
  text: `WITH ended AS (DELETE FROM place_hold WHERE token_hash = $1 RETURNING service)
    UPDATE service_capacity c SET held = c.held - 1 FROM ended e WHERE c.service = e.service`,
};

/**
 * Gives back the places of one service whose holds are past. One service a statement: no two of them then wait for each
 * other's capacities. Holds that another process is ending are its own.
 */
export const EXPIRE_HOLDS = {
  name: 'hold-expire',
  text: `WITH one AS MATERIALIZED (
      SELECT service FROM place_hold WHERE until <= domain_now() ORDER BY until LIMIT 1
    ), due AS MATERIALIZED (
      SELECT h.token_hash FROM place_hold h JOIN one ON one.service = h.service
      WHERE h.until <= domain_now() ORDER BY h.until LIMIT $1 FOR UPDATE OF h SKIP LOCKED
    ), gone AS (
      DELETE FROM place_hold h USING due d WHERE h.token_hash = d.token_hash RETURNING h.service
    ), freed AS (
      UPDATE service_capacity c SET held = c.held - g.n
      FROM (SELECT service, count(*)::integer AS n FROM gone GROUP BY service) g WHERE c.service = g.service
      RETURNING g.n
    ) SELECT coalesce(sum(n), 0)::integer AS done FROM freed`,
};
