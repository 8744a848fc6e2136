/** Whose epoch a grant is of. A revoked one counts too: what was sealed to it is still to be read. */
export const findEpochSql = `
SELECT organisation FROM service_key WHERE service = $1 AND epoch = $2 AND box_id = $3`;

/** Whose device a box key is; none for a paper key, which the server does not know. */
export const findRecipientSql = `
SELECT organisation, services, revoked IS NOT NULL AS revoked FROM device WHERE box_id = $1`;

/** A later grant of the same epoch replaces the earlier: a colleague mends what did not open. */
export const saveGrantSql = `
INSERT INTO key_grant (service, epoch, device_box_id, jws) VALUES ($1, $2, $3, $4)
ON CONFLICT (device_box_id, service, epoch) DO UPDATE SET jws = EXCLUDED.jws`;

export const listGrantsSql = `
SELECT g.jws, g.service, g.epoch FROM device d JOIN key_grant g ON g.device_box_id = d.box_id
 WHERE d.id = $1 AND d.revoked IS NULL AND g.service = ANY(d.services)
   AND ($2::uuid IS NULL OR (g.service, g.epoch) > ($2, $3))
 ORDER BY g.service, g.epoch LIMIT $4`;

/** The first ones, for a device that has just been certified; `GET /v1/grants` has them all. */
export const listGrantsOfBoxSql = `
SELECT jws FROM key_grant WHERE device_box_id = $1 ORDER BY service, epoch LIMIT 50`;
