import { named, prepared, sql } from '../../../database/index.js';
import { onceSql } from '../../common/http/index.js';

const v = named<{
  service: string;
  organisation: string;
  profile: string;
  keys: readonly string[];
  area: readonly string[];
  hours: string;
  staleHours: number;
}>();

/** Replaces a profile with what is searched of it. */
export const PUBLISH = prepared(
  'profile-publish',
  onceSql(sql`own AS (
      SELECT s.id FROM free, service s JOIN organisation o ON o.id = s.organisation
      WHERE s.id = ${v.service} AND s.organisation = ${v.organisation} AND o.status = 'active'
    ), saved AS (
      INSERT INTO service_profile AS p (service, profile, published, keys, area, hours)
      SELECT id, ${v.profile}, date_trunc('second', domain_now()), ${v.keys}::text[], ${v.area}::text[],
        ${v.hours}::jsonb FROM own
      ON CONFLICT (service) DO UPDATE SET profile = EXCLUDED.profile, published = EXCLUDED.published,
        keys = EXCLUDED.keys, area = EXCLUDED.area, hours = EXCLUDED.hours
      RETURNING p.service, p.published
    ), dropped AS (
      DELETE FROM service_search w USING saved WHERE w.service = saved.service AND w.key <> ALL(${v.keys}::text[])
    ), added AS (
      INSERT INTO service_search (key, service) SELECT key, saved.service FROM saved, unnest(${v.keys}::text[]) AS key
      ON CONFLICT DO NOTHING
    ), answered AS (
      SELECT json_build_object('published', to_char(published AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))::text AS answer
      FROM saved
    )`),
);

/**
 * Names whose words are searched beside those of the profile; no row where the service is another
 * organisation's.
 */
export const NAMES = prepared(
  'profile-names',
  sql`SELECT s.name, o.name AS "organisationName" FROM service s JOIN organisation o ON o.id = s.organisation
    WHERE s.id = ${v.service} AND s.organisation = ${v.organisation} AND o.status = 'active'`,
);

const FRESH = sql`c.updated > domain_now() - make_interval(hours => ${v.staleHours})`;

/**
 * A service's capacity as JSON, or null. After `staleHours` what was stated is unknown; held places are not
 * free.
 */
export const CAPACITY = sql`CASE WHEN c.service IS NULL THEN NULL WHEN ${FRESH} THEN json_strip_nulls(json_build_object(
      'known', true, 'unit', c.unit, 'free', greatest(0, c.available - c.held), 'maximum', c.maximum,
      'waiting', c.waiting, 'updated', to_char(c.updated AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')))
    ELSE json_build_object('known', false, 'unit', c.unit,
      'updated', to_char(c.updated AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) END`;

/** True where places are free, as far as is known. */
export const HAS_FREE = sql`coalesce(${FRESH} AND c.available > c.held, false)`;

export const FIND_PROFILE = prepared(
  'profile-find',
  sql`SELECT p.profile, to_char(p.published AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS published,
      ${CAPACITY} AS capacity
    FROM service s JOIN organisation o ON o.id = s.organisation AND o.status = 'active'
      LEFT JOIN service_profile p ON p.service = s.id LEFT JOIN service_capacity c ON c.service = s.id
    WHERE s.id = ${v.service}`,
);
