import { named, sql, unprepared } from '../../../database/index.js';

const v = named<{
  service: string;
  epoch: string;
  boxId: Uint8Array;
  deviceBoxId: Uint8Array;
  jws: string;
  device: string;
  afterService: string | null;
  afterEpoch: string | null;
  limit: number;
}>();
/** Whose epoch a grant is of. A revoked one counts too: what was sealed to it is still to be read. */
export const findEpochSql = unprepared(
  'grant-epoch',
  sql`SELECT organisation FROM service_key WHERE service = ${v.service} AND epoch = ${v.epoch} AND box_id = ${v.boxId}`,
);

/** Whose device a box key is; none for a paper key, which the server does not know. */
export const findRecipientSql = unprepared(
  'grant-recipient',
  sql`SELECT organisation, services, revoked IS NOT NULL AS revoked FROM device WHERE box_id = ${v.deviceBoxId}`,
);

/** A later grant of the same epoch replaces the earlier: a colleague mends what did not open. */
export const saveGrantSql = unprepared(
  'grant-save',
  sql`INSERT INTO key_grant (service, epoch, device_box_id, jws) VALUES (${v.service}, ${v.epoch}, ${v.deviceBoxId}, ${v.jws})
ON CONFLICT (device_box_id, service, epoch) DO UPDATE SET jws = EXCLUDED.jws`,
);

export const listGrantsSql = unprepared(
  'grant-list',
  sql`SELECT g.jws, g.service, g.epoch FROM device d JOIN key_grant g ON g.device_box_id = d.box_id
 WHERE d.id = ${v.device} AND d.revoked IS NULL AND g.service = ANY(d.services)
   AND (${v.afterService}::uuid IS NULL OR (g.service, g.epoch) > (${v.afterService}, ${v.afterEpoch}))
 ORDER BY g.service, g.epoch LIMIT ${v.limit}`,
);

/** The first ones, for a device that has just been certified; `GET /v1/grants` has them all. */
export const listGrantsOfBoxSql = unprepared(
  'grant-list-of-box',
  sql`SELECT jws FROM key_grant WHERE device_box_id = ${v.deviceBoxId} ORDER BY service, epoch LIMIT 50`,
);
