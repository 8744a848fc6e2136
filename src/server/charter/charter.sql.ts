import { named, sql, unprepared } from '../../database/index.js';

const v = named<{
  version: number;
  text: string;
  textHash: Uint8Array;
  from: string;
  signatures: readonly string[];
}>();
const columns = sql`version, text, text_hash AS "textHash", valid_from::text AS "from", signatures`;

/** The latest version that has begun, by the database's clock and the charter's time zone. */
export const charterInForceSql = unprepared(
  'charter-in-force',
  sql`SELECT ${columns} FROM charter_version WHERE valid_from <= domain_today() ORDER BY version DESC LIMIT 1`,
);

export const versionInForceSql = unprepared(
  'charter-version-in-force',
  sql`SELECT max(version) AS version FROM charter_version WHERE valid_from <= domain_today()`,
);

export const findCharterSql = unprepared(
  'charter-find',
  sql`SELECT ${columns} FROM charter_version WHERE version = ${v.version}`,
);

export const insertCharterSql = unprepared(
  'charter-insert',
  sql`INSERT INTO charter_version (version, text, text_hash, valid_from, signatures)
  VALUES (${v.version}, ${v.text}, ${v.textHash}, ${v.from}, ${v.signatures})`,
);
