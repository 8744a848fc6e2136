const columns = `
version, text, text_hash AS "textHash", valid_from::text AS "from", signatures`;

/** The latest version that has begun, by the database's clock and the charter's time zone. */
export const charterInForceSql = `
SELECT ${columns} FROM charter_version WHERE valid_from <= domain_today() ORDER BY version DESC LIMIT 1`;

export const versionInForceSql = `
SELECT max(version) AS version FROM charter_version WHERE valid_from <= domain_today()`;

export const findCharterSql = `
SELECT ${columns} FROM charter_version WHERE version = $1`;

export const insertCharterSql = `
INSERT INTO charter_version (version, text, text_hash, valid_from, signatures) VALUES ($1, $2, $3, $4, $5)`;
