/** Entries change the index in one place only, right after the registry accepted them (see registry.mirror.ts). */
export const insertOrganisationSql = `
INSERT INTO organisation (id, name, key, kid, registry_index) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING RETURNING id`;

export const insertCoordinatorKeySql = `
INSERT INTO coordinator_key (kid, organisation, key, valid_from, valid_until, registry_index)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING RETURNING kid`;

/** A later key may carry a new name; it can never move the service to another organisation. */
export const upsertServiceSql = `
INSERT INTO service (id, organisation, name) VALUES ($1, $2, $3)
ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name WHERE service.organisation = EXCLUDED.organisation
RETURNING id`;

export const insertServiceKeySql = `
INSERT INTO service_key
  (kid, service, organisation, epoch, box_id, box, key, valid_from, valid_until, entry_hash, registry_index)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT DO NOTHING RETURNING kid`;

export const insertWitnessSql = `
INSERT INTO witness (kid, organisation, key, url, registry_index) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING RETURNING kid`;

/** The first revocation of a key is the one that counts. */
export const revokeServiceKeySql = `
UPDATE service_key SET revoked_index = $2, revoked_from = $3 WHERE kid = $1 AND revoked_index IS NULL`;

export const revokeCoordinatorKeySql = `
UPDATE coordinator_key SET revoked_index = $2, revoked_from = $3 WHERE kid = $1 AND revoked_index IS NULL`;

export const revokeWitnessSql = `
UPDATE witness SET revoked_index = $2 WHERE kid = $1 AND revoked_index IS NULL`;

/** Entries from an index on, in order, over all years. */
export const readEntriesSql = `SELECT text FROM registry_entry WHERE index >= $1 ORDER BY index`;

export const timeSql = `SELECT domain_today()::text AS today,
    to_char(domain_now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS now`;

/** The words of an agreement (migrations, agreement_text), whoever is about to sign them. */
export const findAgreementTextSql = `
SELECT FROM agreement_text WHERE agreement = $1 AND text_hash = $2`;
