import { named, prepared, sql, type Sql } from '../../database/index.js';

const v = named<{
  kind: string;
  year: number;
  size: bigint | string;
  ids: readonly string[];
  log: number;
  witness: string;
  line: string;
  anchored: string;
}>();
/**
 * SQL: whether a row of `witness` counts for a registry of that many entries (as `witnessesAt` of protocol/).
 */
export function isWitness<V>(witness: Sql, size: Sql<V>): Sql<V> {
  return sql`${witness}.registry_index < ${size} AND (${witness}.revoked_index IS NULL OR ${witness}.revoked_index >= ${size})`;
}

/** A published checkpoint of a log: its note with the cosignatures of those who are its witnesses. */
const NOTE = sql`c.note || coalesce((
    SELECT string_agg(s.line || E'\\n', '' ORDER BY w.organisation) FROM log_cosignature s JOIN witness w ON w.kid = s.witness
    WHERE s.log = c.log AND s.size = c.size AND ${isWitness(sql`w`, sql`c.anchored`)}
  ), '') AS note`;
const OF_LOG = sql`JOIN log l ON l.id = c.log WHERE l.kind = ${v.kind} AND l.year = ${v.year}
  ORDER BY c.size DESC LIMIT 1`;

/** The newest one that its witnesses have seen. */
export const WITNESSED = prepared(
  'log-witnessed-checkpoint',
  sql`SELECT ${NOTE}, c.anchored FROM log_witnessed x JOIN log_checkpoint c ON c.log = x.log AND c.size = x.size ${OF_LOG}`,
);

/** The newest one of all. */
export const NEWEST = prepared(
  'log-newest-checkpoint',
  sql`SELECT ${NOTE}, c.anchored FROM log_checkpoint c ${OF_LOG}`,
);

/** Keys of both logs of a year, in the order in which a policy names them. */
export const LOG_KEYS = prepared('log-keys', sql`SELECT vkey FROM log WHERE year = ${v.year} ORDER BY kind`);

/** The witnesses of a registry of so many entries. */
export const WITNESSES = prepared(
  'log-witnesses',
  sql`SELECT kid, organisation, key, url FROM witness w WHERE ${isWitness(sql`w`, sql`${v.size}::bigint`)}`,
);

/** Checkpoints of a log that are not witnessed and newer than the last one that is, the newest first. */
export const UNWITNESSED = prepared(
  'log-unwitnessed',
  sql`SELECT c.log, c.size, c.note, c.anchored FROM log_checkpoint c JOIN log l ON l.id = c.log
    WHERE l.kind = ${v.kind} AND l.year = ${v.year}
      AND c.size > coalesce((SELECT max(x.size) FROM log_witnessed x WHERE x.log = c.log), -1)
    ORDER BY c.size DESC LIMIT 16`,
);

/** Whether a checkpoint of a log, or a later one, is witnessed. */
export const IS_WITNESSED = prepared(
  'log-is-witnessed',
  sql`SELECT EXISTS (SELECT FROM log_witnessed x JOIN log l ON l.id = x.log
    WHERE l.kind = ${v.kind} AND l.year = ${v.year} AND x.size >= ${v.size}) AS seen`,
);

/** Since when checkpoints wait for their witnesses; null where none does. */
export const WAITING_SINCE = prepared(
  'log-waiting-since',
  sql`SELECT min(c.at) AS since, coalesce(bool_or(c.at < domain_now() - interval '24 hours'), false) AS late
    FROM log l JOIN log_checkpoint c ON c.log = l.id
      AND c.size > coalesce((SELECT max(x.size) FROM log_witnessed x WHERE x.log = l.id), -1)`,
);

/**
 * One evaluation of a log at a time: two that each see their own cosignature alone would both find too few.
 */
export const LOCK = prepared(
  'log-witnessed-lock',
  sql`SELECT pg_advisory_xact_lock(hashtextextended('relais witnessed', 0))`,
);

export const CHECKPOINT_OF_SIZE = prepared(
  'log-checkpoint-of-size',
  sql`SELECT c.log, c.size, c.note, c.anchored FROM log_checkpoint c JOIN log l ON l.id = c.log
    WHERE l.kind = ${v.kind} AND l.year = ${v.year} AND c.size = ${v.size}`,
);

export const ADD_COSIGNATURE = prepared(
  'log-add-cosignature',
  sql`INSERT INTO log_cosignature (log, size, witness, line) VALUES (${v.log}, ${v.size}, ${v.witness}, ${v.line})
    ON CONFLICT DO NOTHING`,
);

export const COSIGNATURES = prepared(
  'log-cosignatures',
  sql`SELECT line FROM log_cosignature WHERE log = ${v.log} AND size = ${v.size}`,
);

/**
 * Marks a checkpoint, if it is the registry's or the registry that it stands on is witnessed: nobody finds
 * one without the other.
 */
export const MARK_WITNESSED = prepared(
  'log-mark-witnessed',
  sql`INSERT INTO log_witnessed (log, size) SELECT ${v.log}, ${v.size} FROM log own
    WHERE own.id = ${v.log} AND (own.kind = 'registry' OR EXISTS (
      SELECT FROM log_witnessed x JOIN log l ON l.id = x.log
        WHERE l.kind = 'registry' AND l.year = own.year AND l.first + x.size >= ${v.anchored}))
    ON CONFLICT DO NOTHING`,
);

/**
 * Where statements stand in the newest tree of their log that its witnesses have seen, as `log-locate` in the
 * newest of all.
 */
export const LOCATE_FINAL = prepared(
  'log-locate-final',
  sql`SELECT p.pending, p.log, p.index, c.size, ${NOTE} FROM log_position p
    CROSS JOIN LATERAL (SELECT max(x.size) AS size FROM log_witnessed x WHERE x.log = p.log) newest
    JOIN log_checkpoint c ON c.log = p.log AND c.size = newest.size
    WHERE p.pending = ANY(${v.ids}::uuid[]) AND p.index < c.size`,
);

/**
 * Witnesses with an address that have not cosigned the newest checkpoint of a log, and what they last
 * cosigned of it. That of a log that has ended is shown until enough have seen it.
 */
export const TO_ASK = prepared(
  'log-to-ask',
  sql`SELECT l.kind, l.year, c.log, c.size, c.note, w.kid, w.url,
      coalesce((SELECT max(s.size) FROM log_cosignature s WHERE s.witness = w.kid AND s.log = c.log), 0) AS last
    FROM log l CROSS JOIN LATERAL (
      SELECT c.log, c.size, c.note, c.anchored FROM log_checkpoint c WHERE c.log = l.id ORDER BY c.size DESC LIMIT 1
    ) c JOIN witness w ON w.url IS NOT NULL AND ${isWitness(sql`w`, sql`c.anchored`)}
    WHERE c.size > 0
      AND (l.state = 'open' OR NOT EXISTS (SELECT FROM log_witnessed x WHERE x.log = c.log AND x.size = c.size))
      AND NOT EXISTS (SELECT FROM log_cosignature s WHERE s.log = c.log AND s.size = c.size AND s.witness = w.kid)
    ORDER BY l.year, l.kind DESC`,
);
