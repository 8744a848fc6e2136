import { named, sql, unprepared } from '../../database/index.js';

const v = named<{
  afterName: string | null;
  afterId: string | null;
  limit: number;
  service: string;
  organisation: string;
  status: string;
}>();
const columns = sql`s.id, s.name, s.status, o.id AS "organisationId", o.name AS "organisationName"`;

/**
 * By name, then id: the order of the index service_by_name. `afterName` and `afterId` are the last row seen,
 * or null.
 */
export const listServicesSql = unprepared(
  'directory-list',
  sql`SELECT ${columns}
  FROM service s JOIN organisation o ON o.id = s.organisation
 WHERE o.status = 'active'
   AND (${v.afterName}::text IS NULL OR (s.name COLLATE "C", s.id) > (${v.afterName} COLLATE "C", ${v.afterId}::uuid))
 ORDER BY s.name COLLATE "C", s.id LIMIT ${v.limit}`,
);

export const findServiceSql = unprepared(
  'directory-find',
  sql`SELECT ${columns}
  FROM service s JOIN organisation o ON o.id = s.organisation
 WHERE s.id = ${v.service} AND o.status = 'active'`,
);

/** No row where the service is another organisation's. */
export const setStatusSql = unprepared(
  'directory-set-status',
  sql`UPDATE service SET status = ${v.status} WHERE id = ${v.service} AND organisation = ${v.organisation} RETURNING id`,
);
