import { named, prepared, sql } from '../../../database/index.js';
import { onceSql } from '../../common/http/index.js';

const v = named<{
  service: string;
  organisation: string;
  unit: string;
  available: number;
  maximum: number | null;
  waiting: number | null;
  hash: Uint8Array;
  staleHours: number;
  holdHours: number;
  batch: number;
}>();

/** States a capacity; what is held stays held. */
export const SET_CAPACITY = prepared(
  'capacity-set',
  onceSql(sql`saved AS (
      INSERT INTO service_capacity AS c (service, unit, available, maximum, waiting, updated)
      SELECT s.id, ${v.unit}, ${v.available}::integer, ${v.maximum}::integer,
        ${v.waiting}::integer, date_trunc('second', domain_now())
      FROM free, service s JOIN organisation o ON o.id = s.organisation
      WHERE s.id = ${v.service} AND s.organisation = ${v.organisation} AND o.status = 'active'
      ON CONFLICT (service) DO UPDATE SET unit = EXCLUDED.unit, available = EXCLUDED.available,
        maximum = EXCLUDED.maximum, waiting = EXCLUDED.waiting, updated = EXCLUDED.updated
      RETURNING c.updated
    ), answered AS (
      SELECT json_build_object('updated', to_char(updated AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))::text AS answer
      FROM saved
    )`),
);

/** A row without a code where the service is there, its organisation works, and it is the caller's own. */
export const CAPACITY_WHY = prepared(
  'capacity-why',
  sql`SELECT NULL AS code FROM service s JOIN organisation o ON o.id = s.organisation
    WHERE s.id = ${v.service} AND s.organisation = ${v.organisation} AND o.status = 'active'`,
);

/** Free, as far as is known. */
const IS_FREE = sql`c.held < c.available AND c.updated > domain_now() - make_interval(hours => ${v.staleHours})`;

/**
 * Holds a place while one is free. The row of the capacity is where parallel holds meet: whoever waits for it
 * sees what is held by then.
 */
export const HOLD = prepared(
  'hold-place',
  onceSql(sql`counted AS (
      UPDATE service_capacity c SET held = c.held + 1
      FROM free, service s JOIN organisation o ON o.id = s.organisation
      WHERE c.service = ${v.service} AND s.id = c.service AND s.status = 'open' AND o.status = 'active'
        AND ${IS_FREE}
      RETURNING c.service
    ), placed AS (
      INSERT INTO place_hold (token_hash, service, until)
      SELECT ${v.hash}, service, date_trunc('hour', domain_now() + make_interval(hours => ${v.holdHours} + 1))
        FROM counted
      RETURNING until
    ), answered AS (
      SELECT json_build_object('until', to_char(until AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))::text AS answer
      FROM placed
    )`),
);

/** Why no place can be held: whether the service is there, open, and has one free. */
export const HOLD_WHY = prepared(
  'hold-why',
  sql`SELECT CASE WHEN s.status <> 'open' THEN 'service_closed' WHEN (${IS_FREE}) IS NOT TRUE THEN 'no_place' END AS code
    FROM service s JOIN organisation o ON o.id = s.organisation LEFT JOIN service_capacity c ON c.service = s.id
    WHERE s.id = ${v.service} AND o.status = 'active'`,
);

export const END_HOLD = prepared(
  'hold-end',
  sql`WITH ended AS (DELETE FROM place_hold WHERE token_hash = ${v.hash} RETURNING service)
    UPDATE service_capacity c SET held = c.held - 1 FROM ended e WHERE c.service = e.service`,
);

/**
 * Gives back the places of one service whose holds are past. One service a statement: no two of them then
 * wait for each other's capacities. Holds that another process is ending are its own.
 */
export const EXPIRE_HOLDS = prepared(
  'hold-expire',
  sql`WITH one AS MATERIALIZED (
      SELECT service FROM place_hold WHERE until <= domain_now() ORDER BY until LIMIT 1
    ), due AS MATERIALIZED (
      SELECT h.token_hash FROM place_hold h JOIN one ON one.service = h.service
      WHERE h.until <= domain_now() ORDER BY h.until LIMIT ${v.batch} FOR UPDATE OF h SKIP LOCKED
    ), gone AS (
      DELETE FROM place_hold h USING due d WHERE h.token_hash = d.token_hash RETURNING h.service
    ), freed AS (
      UPDATE service_capacity c SET held = c.held - g.n
      FROM (SELECT service, count(*)::integer AS n FROM gone GROUP BY service) g WHERE c.service = g.service
      RETURNING g.n
    ) SELECT coalesce(sum(n), 0)::integer AS done FROM freed`,
);
