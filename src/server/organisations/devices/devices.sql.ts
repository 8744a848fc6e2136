import { named, sql, unprepared } from '../../../database/index.js';

const v = named<{
  organisation: string;
  most: number;
  device: string;
  role: string;
  services: readonly string[];
  authThumbprint: string;
  auth: string;
  signKey: Uint8Array;
  boxId: Uint8Array;
  box: Uint8Array;
  from: string;
  until: string;
  certificate: string;
  after: string | null;
  limit: number;
  revocation: string;
}>();
/** Devices that may speak, as far as there are fewer than the charter allows: neither revoked nor past. */
const hasRoom = sql`(SELECT count(*) FROM device d WHERE d.organisation = ${v.organisation} AND d.revoked IS NULL
   AND d.valid_until >= domain_today()) < ${v.most}`;

/**
 * No row where any key or the pseudonym is already in use (the answer then never says by whom), or where
 * there is no room; of two at once for the last place one has it, since both take the organisation's lock
 * first.
 */
export const insertDeviceSql = unprepared(
  'device-insert',
  sql`INSERT INTO device
  (id, organisation, role, services, auth_thumbprint, auth_jwk, sign_key, box_id, box, valid_from, valid_until, certificate)
SELECT ${v.device}, ${v.organisation}::uuid, ${v.role}, ${v.services}, ${v.authThumbprint}, ${v.auth}, ${v.signKey},
  ${v.boxId}, ${v.box}, ${v.from}, ${v.until}, ${v.certificate} WHERE ${hasRoom}
ON CONFLICT DO NOTHING RETURNING id`,
);

export const hasRoomSql = unprepared('device-has-room', sql`SELECT ${hasRoom} AS room`);

/**
 * Other days for a device that may speak; who it is, what it may do and with which keys stays as it was
 * certified.
 */
export const renewDeviceSql = unprepared(
  'device-renew',
  sql`UPDATE device SET valid_from = ${v.from}, valid_until = ${v.until}, certificate = ${v.certificate}
 WHERE id = ${v.device} AND organisation = ${v.organisation} AND role = ${v.role} AND services = ${v.services}
   AND revoked IS NULL AND auth_thumbprint = ${v.authThumbprint} AND sign_key = ${v.signKey}
   AND box_id = ${v.boxId} AND valid_until <= ${v.until}`,
);

/**
 * One organisation's own devices by id, after the last one seen, and the epochs that were granted to each.
 */
export const listDevicesSql = unprepared(
  'device-list',
  sql`SELECT id AS device, certificate, box, revoked IS NOT NULL AS revoked,
    (SELECT coalesce(json_agg(json_build_object('service', g.service, 'epoch', g.epoch)), '[]')
       FROM key_grant g WHERE g.device_box_id = device.box_id) AS grants
  FROM device WHERE organisation = ${v.organisation} AND (${v.after}::uuid IS NULL OR id > ${v.after})
    ORDER BY id LIMIT ${v.limit}`,
);

/**
 * Serialises what changes an organisation's set of coordinators, so that two of them cannot remove each
 * other.
 */
export const lockOrganisationSql = unprepared(
  'organisation-lock',
  sql`SELECT id FROM organisation WHERE id = ${v.organisation} FOR NO KEY UPDATE`,
);

export const findDeviceSql = unprepared(
  'device-find',
  sql`SELECT id, role, box_id AS "boxId", revoked IS NOT NULL AS revoked FROM device
  WHERE id = ${v.device} AND organisation = ${v.organisation}`,
);

export const revokeDeviceSql = unprepared(
  'device-revoke',
  sql`UPDATE device SET revoked = ${v.from}, revocation = ${v.revocation} WHERE id = ${v.device} AND revoked IS NULL`,
);

export const hasCoordinatorSql = unprepared(
  'device-has-coordinator',
  sql`SELECT EXISTS (SELECT FROM device
  WHERE organisation = ${v.organisation} AND role = 'coordinator' AND revoked IS NULL
    AND valid_until >= domain_today()) AS present`,
);

/** What was sealed to a device that is no longer trusted is of no use to anybody else. */
export const deleteGrantsOfSql = unprepared(
  'device-delete-grants',
  sql`DELETE FROM key_grant WHERE device_box_id = ${v.boxId}`,
);

export const findSignKeySql = unprepared(
  'device-sign-key',
  sql`SELECT sign_key AS key FROM device WHERE id = ${v.device} AND revoked IS NULL`,
);
