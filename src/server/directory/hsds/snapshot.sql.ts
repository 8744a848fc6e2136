import { prepared, sql, unprepared } from '../../../database/index.js';
/** What the copy in memory is compared by, and the hour of the domain. */
export const VERSION = prepared(
  'directory-version',
  sql`SELECT version::text, domain_now() AS now FROM directory_version`,
);

/** The whole public directory, by name: every service of an organisation in good standing. */
export const EVERYTHING = unprepared(
  'directory-everything',
  sql`SELECT s.id, s.name, s.status, o.id AS "organisationId", o.name AS "organisationName", p.profile,
  greatest(s.modified, p.published, c.updated) AS modified,
  CASE WHEN c.service IS NOT NULL THEN json_build_object('unit', c.unit, 'available', greatest(0, c.available - c.held),
    'maximum', c.maximum, 'updated', to_char(c.updated AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.000"Z"')) END AS capacity
FROM service s JOIN organisation o ON o.id = s.organisation AND o.status = 'active'
  LEFT JOIN service_profile p ON p.service = s.id LEFT JOIN service_capacity c ON c.service = s.id
ORDER BY s.name COLLATE "C", s.id`,
);

export const ORGANISATIONS = unprepared(
  'directory-organisations',
  sql`SELECT id, name FROM organisation WHERE status = 'active' ORDER BY name COLLATE "C", id`,
);
