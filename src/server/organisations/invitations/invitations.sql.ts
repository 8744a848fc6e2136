import { named, sql, unprepared } from '../../../database/index.js';

const v = named<{
  organisation: string;
  most: number;
  expires: string;
  kid: string;
  key: Uint8Array;
  role: string;
  services: readonly string[];
  welcome: Uint8Array;
  afterExpires: string | null;
  afterKid: string | null;
  limit: number;
  request: string;
  device: string;
}>();
/**
 * One state, told the same way everywhere. A certified invitation stays readable to the device that holds the
 * code, which may come back for its certificate only the next day; an expired one is as good as absent for
 * everybody else.
 */
const state = sql`CASE WHEN i.device IS NOT NULL THEN 'certified'
     WHEN i.expires_at <= domain_now() THEN 'expired'
     WHEN i.request IS NOT NULL THEN 'requested'
     ELSE 'open' END`;

/** At most 24 hours from now, by the database's clock. */
export const isWithinDaySql = unprepared(
  'invitation-is-within-day',
  sql`SELECT ${v.expires}::timestamptz > domain_now()
  AND ${v.expires}::timestamptz <= domain_now() + interval '24 hours' AS within`,
);

/**
 * Invitations that wait, as far as there are fewer than the charter allows. Each device that was revoked
 * since yesterday makes room for one more: who has lost a device can always invite another.
 */
const hasRoom = sql`(SELECT count(*) FROM invitation i WHERE i.organisation = ${v.organisation} AND i.device IS NULL
   AND i.expires_at > domain_now())
  < ${v.most}::bigint + (SELECT count(*) FROM device d WHERE d.organisation = ${v.organisation}
   AND d.revoked BETWEEN domain_today() - 1 AND domain_today() + 1)`;

/**
 * No row where the code was used before, or where there is no room; of two at once for the last place one has
 * it, since both take the organisation's lock first.
 */
export const insertInvitationSql = unprepared(
  'invitation-insert',
  sql`INSERT INTO invitation (kid, key, organisation, role, services, expires_at, welcome)
SELECT ${v.kid}, ${v.key}, ${v.organisation}::uuid, ${v.role}, ${v.services}, ${v.expires}, ${v.welcome} WHERE ${hasRoom}
ON CONFLICT DO NOTHING RETURNING kid`,
);

export const hasRoomSql = unprepared('invitation-has-room', sql`SELECT ${hasRoom} AS room`);

/** Old ones say when somebody joined, and nothing needs that for longer than a week. */
export const forgetInvitationsSql = unprepared(
  'invitation-forget',
  sql`DELETE FROM invitation WHERE organisation = ${v.organisation} AND expires_at < domain_now() - interval '7 days'`,
);

export const listInvitationsSql = unprepared(
  'invitation-list',
  sql`SELECT i.kid, i.key, i.role, i.services, i.expires_at AS "expiresAt", ${state} AS state, i.request
  FROM invitation i
 WHERE i.organisation = ${v.organisation}
   AND (${v.afterExpires}::timestamptz IS NULL OR (i.expires_at, i.kid) < (${v.afterExpires}, ${v.afterKid}))
 ORDER BY i.expires_at DESC, i.kid DESC LIMIT ${v.limit}`,
);

export const findInvitationSql = unprepared(
  'invitation-find',
  sql`SELECT ${state} AS state, i.role, i.services, i.key, i.welcome, i.request, i.device,
       d.certificate, d.box_id AS "boxId"
  FROM invitation i LEFT JOIN device d ON d.id = i.device AND d.revoked IS NULL
 WHERE i.kid = ${v.kid}`,
);

/** The first device to ask has it: of two at the same time, one row. */
export const requestInvitationSql = unprepared(
  'invitation-request',
  sql`UPDATE invitation SET request = ${v.request}
 WHERE kid = ${v.kid} AND request IS NULL AND device IS NULL AND expires_at > domain_now() RETURNING kid`,
);

/** Used once: of two coordinators at the same time, one row. */
export const useInvitationSql = unprepared(
  'invitation-use',
  sql`UPDATE invitation SET device = ${v.device}
 WHERE kid = ${v.kid} AND organisation = ${v.organisation} AND request IS NOT NULL AND device IS NULL
   AND expires_at > domain_now()
RETURNING key, role, services, request`,
);
