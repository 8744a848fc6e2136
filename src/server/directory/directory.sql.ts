const columns = `
s.id, s.name, s.status, o.id AS "organisationId", o.name AS "organisationName"`;

/** By name, then id: the order of the index service_by_name. $1 and $2 are the last row seen, or null. */
export const listServicesSql = `
SELECT ${columns}
  FROM service s JOIN organisation o ON o.id = s.organisation
 WHERE o.status = 'active' AND ($1::text IS NULL OR (s.name COLLATE "C", s.id) > ($1 COLLATE "C", $2::uuid))
 ORDER BY s.name COLLATE "C", s.id LIMIT $3`;

export const findServiceSql = `
SELECT ${columns}
  FROM service s JOIN organisation o ON o.id = s.organisation
 WHERE s.id = $1 AND o.status = 'active'`;

/** No row where the service is another organisation's. */
export const setStatusSql = `
UPDATE service SET status = $3 WHERE id = $1 AND organisation = $2 RETURNING id`;
