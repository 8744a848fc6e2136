import { named, sql, unprepared } from '../../../database/index.js';

const v = named<{ certificates: readonly string[]; timeZone: string }>();
/** How many of these certificates are registered, text for text. */
export const countCertificatesSql = unprepared(
  'founding-certificates',
  sql`SELECT count(*)::int AS known FROM device WHERE certificate = ANY(${v.certificates})`,
);

export const isTimeZoneSql = unprepared(
  'founding-is-time-zone',
  sql`SELECT EXISTS (SELECT FROM pg_timezone_names WHERE name = ${v.timeZone}) AS known`,
);

/** From here on the database counts days where the charter's people live. */
export const setTimeZoneSql = unprepared(
  'founding-set-time-zone',
  sql`UPDATE network SET time_zone = ${v.timeZone}`,
);
