import { onceSql } from '../../common/http/index.js';

/** Replaces a profile with what is searched of it. $4 service, $5 organisation, $6 profile, $7 keys, $8 area, $9 hours. */
export const PUBLISH = onceSql(
  'profile-publish',
  `own AS (
      SELECT s.id FROM free, service s JOIN organisation o ON o.id = s.organisation
      WHERE s.id = $4 AND s.organisation = $5 AND o.status = 'active'
    ), saved AS (
      INSERT INTO service_profile AS p (service, profile, published, keys, area, hours)
      SELECT id, $6, date_trunc('second', domain_now()), $7::text[], $8::text[], $9::jsonb FROM own
      ON CONFLICT (service) DO UPDATE SET profile = EXCLUDED.profile, published = EXCLUDED.published,
        keys = EXCLUDED.keys, area = EXCLUDED.area, hours = EXCLUDED.hours
      RETURNING p.service, p.published
    ), dropped AS (
      DELETE FROM service_search w USING saved WHERE w.service = saved.service AND w.key <> ALL($7::text[])
    ), added AS (
      INSERT INTO service_search (key, service) SELECT key, saved.service FROM saved, unnest($7::text[]) AS key
      ON CONFLICT DO NOTHING
    ), answered AS (
      SELECT json_build_object('published', to_char(published AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))::text AS answer
      FROM saved
    )`,
);

/** Names whose words are searched beside those of the profile; no row where the service is another organisation's. */
export const NAMES = {
  name: 'profile-names',
  text: `SELECT s.name, o.name AS "organisationName" FROM service s JOIN organisation o ON o.id = s.organisation
    WHERE s.id = $1 AND s.organisation = $2 AND o.status = 'active'`,
};

const FRESH = `c.updated > domain_now() - make_interval(hours => $1)`;

/** A service's capacity as JSON, or null. $1: hours after which what was stated is unknown; held places are not free. */
export const CAPACITY = `CASE WHEN c.service IS NULL THEN NULL WHEN ${FRESH} THEN json_strip_nulls(json_build_object(
      'known', true, 'unit', c.unit, 'free', greatest(0, c.available - c.held), 'maximum', c.maximum,
      'waiting', c.waiting, 'updated', to_char(c.updated AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')))
    ELSE json_build_object('known', false, 'unit', c.unit,
      'updated', to_char(c.updated AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) END`;

/** True where places are free, as far as is known. */
export const HAS_FREE = `coalesce(${FRESH} AND c.available > c.held, false)`;

export const FIND_PROFILE = {
  name: 'profile-find',
  text: `SELECT p.profile, to_char(p.published AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS published,
      ${CAPACITY} AS capacity
    FROM service s JOIN organisation o ON o.id = s.organisation AND o.status = 'active'
      LEFT JOIN service_profile p ON p.service = s.id LEFT JOIN service_capacity c ON c.service = s.id
    WHERE s.id = $2`,
};
