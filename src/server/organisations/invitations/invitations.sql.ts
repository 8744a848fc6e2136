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

/**
 * Invitations that wait, as far as there are fewer than the charter allows. Each device that was revoked since yesterday makes
 * room for one more: who has lost a device can always invite another.
 */
const hasRoom = (organisation: string, most: string): string => `
(SELECT count(*) FROM invitation i WHERE i.organisation = ${organisation} AND i.device IS NULL
   AND i.expires_at > domain_now())
  < ${most}::bigint + (SELECT count(*) FROM device d WHERE d.organisation = ${organisation}
   AND d.revoked BETWEEN domain_today() - 1 AND domain_today() + 1)`;

/**
 * No row where the code was used before, or where there is no room; of two at once for the last place one has it, since both
 * take the organisation's lock first.
 */
export const insertInvitationSql = `
INSERT INTO invitation (kid, key, organisation, role, services, expires_at, welcome)
SELECT $1, $2, $3::uuid, $4, $5, $6, $7 WHERE ${hasRoom('$3', '$8')}
ON CONFLICT DO NOTHING RETURNING kid`;

export const hasRoomSql = `SELECT ${hasRoom('$1', '$2')} AS room`;

/** Old ones say when somebody joined, and nothing needs that for longer than a week. */
export const forgetInvitationsSql = `
DELETE FROM invitation WHERE organisation = $1 AND expires_at < domain_now() - interval '7 days'`;

export const listInvitationsSql = `
SELECT i.kid, i.key, i.role, i.services, i.expires_at AS "expiresAt", ${state} AS state, i.request
  FROM invitation i
 WHERE i.organisation = $1 AND ($2::timestamptz IS NULL OR (i.expires_at, i.kid) < ($2, $3))
 ORDER BY i.expires_at DESC, i.kid DESC LIMIT $4`;

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
