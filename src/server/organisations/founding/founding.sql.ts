/** How many of these certificates are registered, text for text. */
export const countCertificatesSql = `SELECT count(*)::int AS known FROM device WHERE certificate = ANY($1)`;

export const isTimeZoneSql = `SELECT EXISTS (SELECT FROM pg_timezone_names WHERE name = $1) AS known`;

/** From here on the database counts days where the charter's people live. */
export const setTimeZoneSql = `UPDATE network SET time_zone = $1`;
