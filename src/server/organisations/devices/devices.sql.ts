/** Devices that may speak, as far as there are fewer than the charter allows: neither revoked nor past. */
const hasRoom = (organisation: string, most: string): string => `
(SELECT count(*) FROM device d WHERE d.organisation = ${organisation} AND d.revoked IS NULL
   AND d.valid_until >= domain_today()) < ${most}`;

/**
 * No row where any key or the pseudonym is already in use (the answer then never says by whom), or where there is no room;
 * of two at once for the last place one has it, since both take the organisation's lock first.
 */
export const insertDeviceSql = `
INSERT INTO device
  (id, organisation, role, services, auth_thumbprint, auth_jwk, sign_key, box_id, box, valid_from, valid_until, certificate)
SELECT $1, $2::uuid, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 WHERE ${hasRoom('$2', '$13')}
ON CONFLICT DO NOTHING RETURNING id`;

export const hasRoomSql = `SELECT ${hasRoom('$1', '$2')} AS room`;

/** Other days for a device that may speak; who it is, what it may do and with which keys stays as it was certified. */
export const renewDeviceSql = `
UPDATE device SET valid_from = $8, valid_until = $9, certificate = $10
 WHERE id = $1 AND organisation = $2 AND role = $3 AND services = $4 AND revoked IS NULL
   AND auth_thumbprint = $5 AND sign_key = $6 AND box_id = $7 AND valid_until <= $9`;

/** One organisation's own devices by id, after the last one seen, and the epochs that were granted to each. */
export const listDevicesSql = `
SELECT id AS device, certificate, box, revoked IS NOT NULL AS revoked,
    (SELECT coalesce(json_agg(json_build_object('service', g.service, 'epoch', g.epoch)), '[]')
       FROM key_grant g WHERE g.device_box_id = device.box_id) AS grants
  FROM device WHERE organisation = $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3`;

/** Serialises what changes an organisation's set of coordinators, so that two of them cannot remove each other. */
export const lockOrganisationSql = `SELECT id FROM organisation WHERE id = $1 FOR NO KEY UPDATE`;

export const findDeviceSql = `
SELECT id, role, box_id AS "boxId", revoked IS NOT NULL AS revoked FROM device WHERE id = $1 AND organisation = $2`;

export const revokeDeviceSql = `
UPDATE device SET revoked = $2, revocation = $3 WHERE id = $1 AND revoked IS NULL`;

export const hasCoordinatorSql = `
SELECT EXISTS (SELECT FROM device
  WHERE organisation = $1 AND role = 'coordinator' AND revoked IS NULL AND valid_until >= domain_today()) AS present`;

/** What was sealed to a device that is no longer trusted is of no use to anybody else. */
export const deleteGrantsOfSql = `DELETE FROM key_grant WHERE device_box_id = $1`;

export const findSignKeySql = `SELECT sign_key AS key FROM device WHERE id = $1 AND revoked IS NULL`;
