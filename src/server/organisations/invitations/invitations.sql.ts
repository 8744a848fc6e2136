/**
 * One state, told the same way everywhere. A certified invitation stays readable to the device that holds the code, which
 * may come back for its certificate only the next day; an expired one is as good as absent for everybody else.
 */
const state = `
CASE WHEN i.device IS NOT NULL THEN 'certified'
     WHEN i.expires_at <= domain_now() THEN 'expired'
     WHEN i.request IS NOT NULL THEN 'requested'
     ELSE 'open' END`;

/** At most 24 hours from now, by the database's clock. */
export const isWithinDaySql = `
SELECT $1::timestamptz > domain_now() AND $1::timestamptz <= domain_now() + interval '24 hours' AS within`;

/** No row where the code was used before. */
export const insertInvitationSql = `
INSERT INTO invitation (kid, key, organisation, role, services, expires_at, welcome)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT DO NOTHING RETURNING kid`;

/** Old ones say when somebody joined, and nothing needs that for longer than a week. */
export const forgetInvitationsSql = `
DELETE FROM invitation WHERE organisation = $1 AND expires_at < domain_now() - interval '7 days'`;

export const listInvitationsSql = `
SELECT i.kid, i.key, i.role, i.services, i.expires_at AS "expiresAt", ${state} AS state, i.request
  FROM invitation i WHERE i.organisation = $1 ORDER BY i.expires_at DESC, i.kid LIMIT 200`;

export const findInvitationSql = `
SELECT ${state} AS state, i.role, i.services, i.key, i.welcome, i.request, i.organisation, i.device,
       d.certificate, d.box_id AS "boxId"
  FROM invitation i LEFT JOIN device d ON d.id = i.device AND d.revoked IS NULL
 WHERE i.kid = $1`;

/** The first device to ask has it: of two at the same time, one row. */
export const requestInvitationSql = `
UPDATE invitation SET request = $2
 WHERE kid = $1 AND request IS NULL AND device IS NULL AND expires_at > domain_now() RETURNING kid`;

/** Used once: of two coordinators at the same time, one row. */
export const useInvitationSql = `
UPDATE invitation SET device = $3
 WHERE kid = $1 AND organisation = $2 AND request IS NOT NULL AND device IS NULL AND expires_at > domain_now()
RETURNING key, role, services, request`;
