import { named, sql, unprepared } from '../../../database/index.js';

const v = named<{
  organisation: string;
  name: string;
  key: Uint8Array;
  kid: string;
  index: bigint;
  from: string;
  until: string;
  service: string;
  epoch: string;
  boxId: Uint8Array;
  box: Uint8Array;
  entryHash: Uint8Array;
  url: string | null;
  first: number;
  agreement: string;
  textHash: Uint8Array;
}>();
/**
 * Entries change the index in one place only, right after the registry accepted them (see
 * registry.mirror.ts).
 */
export const insertOrganisationSql = unprepared(
  'registry-organisation',
  sql`INSERT INTO organisation (id, name, key, kid, registry_index)
  VALUES (${v.organisation}, ${v.name}, ${v.key}, ${v.kid}, ${v.index})
ON CONFLICT DO NOTHING RETURNING id`,
);

export const insertCoordinatorKeySql = unprepared(
  'registry-coordinator-key',
  sql`INSERT INTO coordinator_key (kid, organisation, key, valid_from, valid_until, registry_index)
VALUES (${v.kid}, ${v.organisation}, ${v.key}, ${v.from}, ${v.until}, ${v.index})
ON CONFLICT DO NOTHING RETURNING kid`,
);

/** A later key may carry a new name; it can never move the service to another organisation. */
export const upsertServiceSql = unprepared(
  'registry-service',
  sql`INSERT INTO service (id, organisation, name) VALUES (${v.service}, ${v.organisation}, ${v.name})
ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name WHERE service.organisation = EXCLUDED.organisation
RETURNING id`,
);

export const insertServiceKeySql = unprepared(
  'registry-service-key',
  sql`INSERT INTO service_key
  (kid, service, organisation, epoch, box_id, box, key, valid_from, valid_until, entry_hash, registry_index)
VALUES (${v.kid}, ${v.service}, ${v.organisation}, ${v.epoch}, ${v.boxId}, ${v.box}, ${v.key}, ${v.from}, ${v.until},
  ${v.entryHash}, ${v.index})
ON CONFLICT DO NOTHING RETURNING kid`,
);

export const insertWitnessSql = unprepared(
  'registry-witness',
  sql`INSERT INTO witness (kid, organisation, key, url, registry_index)
  VALUES (${v.kid}, ${v.organisation}, ${v.key}, ${v.url}, ${v.index})
ON CONFLICT DO NOTHING RETURNING kid`,
);

/** The first revocation of a key is the one that counts. */
export const revokeServiceKeySql = unprepared(
  'registry-revoke-service-key',
  sql`UPDATE service_key SET revoked_index = ${v.index}, revoked_from = ${v.from}
  WHERE kid = ${v.kid} AND revoked_index IS NULL`,
);

export const revokeCoordinatorKeySql = unprepared(
  'registry-revoke-coordinator-key',
  sql`UPDATE coordinator_key SET revoked_index = ${v.index}, revoked_from = ${v.from}
  WHERE kid = ${v.kid} AND revoked_index IS NULL`,
);

export const revokeWitnessSql = unprepared(
  'registry-revoke-witness',
  sql`UPDATE witness SET revoked_index = ${v.index} WHERE kid = ${v.kid} AND revoked_index IS NULL`,
);

/** Entries from an index on, in order, over all years. */
export const readEntriesSql = unprepared(
  'registry-entries',
  sql`SELECT text FROM registry_entry WHERE index >= ${v.first} ORDER BY index`,
);

export const timeSql = unprepared(
  'registry-time',
  sql`SELECT domain_today()::text AS today,
    to_char(domain_now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS now`,
);

/** The words of an agreement (migrations, agreement_text), whoever is about to sign them. */
export const findAgreementTextSql = unprepared(
  'registry-agreement-text',
  sql`SELECT FROM agreement_text WHERE agreement = ${v.agreement} AND text_hash = ${v.textHash}`,
);
