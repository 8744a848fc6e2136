import { named, prepared, sql } from '../../database/index.js';
import { onceSql } from '../common/http/index.js';

const v = named<{
  readKid: string;
  reached: string | null;
  helped: string | null;
  respected: string | null;
  ctx: Uint8Array | null;
  wraps: readonly Uint8Array[] | null;
  body: Uint8Array | null;
  device: string;
  after: string;
  limit: number;
  quarter: string;
  table: string;
  name: string;
}>();

const QUARTER = sql`to_char(domain_today(), 'YYYY-Q')`;

const MAY_GIVE = sql`r.status <> 'requested' AND r.feedback_given IS NOT TRUE`;

/** Once a receipt, from the opening on: the referral's row remembers that, and nothing that was answered. */
export const GIVE = prepared(
  'feedback',
  onceSql(sql`given AS (
      UPDATE referral r SET feedback_given = true FROM free
      WHERE r.read_kid = ${v.readKid} AND ${MAY_GIVE}
      RETURNING r.source, r.target
    ), counted AS (
      INSERT INTO feedback (source, target, quarter, reached, helped, respected)
      SELECT s.organisation, g.target, ${QUARTER}, ${v.reached}, ${v.helped}, ${v.respected}
        FROM given g JOIN service s ON s.id = g.source
    ), written AS (
      INSERT INTO feedback_text (target, quarter, ctx, wraps, body)
      SELECT target, ${QUARTER}, ${v.ctx}::bytea, ${v.wraps}::bytea[], ${v.body}::bytea FROM given
        WHERE ${v.ctx}::bytea IS NOT NULL
    ), answered AS (SELECT '{"given":true}'::text AS answer FROM given)`),
);

/** A row where it may be given. */
export const GIVE_WHY = prepared(
  'feedback-why',
  sql`SELECT FROM referral r WHERE r.read_kid = ${v.readKid} AND ${MAY_GIVE}`,
);

/**
 * Devices that read what persons write, as the network has appointed them; the contexts of an envelope hold
 * sixteen.
 */
export const OBSERVERS = prepared(
  'feedback-observers',
  sql`SELECT d.box FROM device d JOIN organisation o ON o.id = d.organisation
    WHERE d.role = 'observer' AND d.revoked IS NULL AND domain_today() BETWEEN d.valid_from AND d.valid_until
      AND o.status = 'active'
    ORDER BY d.id LIMIT 16`,
);

export const TEXTS = prepared(
  'feedback-texts',
  sql`SELECT t.id, t.target, t.quarter, t.ctx, t.wraps, t.body, (SELECT d.box_id FROM device d WHERE d.id = ${v.device}) AS own
    FROM feedback_text t WHERE t.id > ${v.after} ORDER BY t.id LIMIT ${v.limit}`,
);

/** Nobody who counts at the same time counts the same rows. */
export const ENDED = prepared(
  'feedback-ended',
  sql`SELECT f.source, f.target, f.quarter, f.reached, f.helped, f.respected FROM feedback f
    WHERE f.quarter = (SELECT min(g.quarter) FROM feedback g) AND domain_today() >= make_date(left(f.quarter, 4)::integer, 1, 1)
      + make_interval(months => 3 * right(f.quarter, 1)::integer, days => 30) FOR UPDATE`,
);
export const PUBLISH = prepared(
  'feedback-publish',
  sql`INSERT INTO statistics_table (name, quarter, content) VALUES ('feedback', ${v.quarter}, ${v.table})
    ON CONFLICT DO NOTHING`,
);
export const COUNTED = prepared('feedback-counted', sql`DELETE FROM feedback WHERE quarter = ${v.quarter}`);
/** Half a year is time enough to read what was written. */
export const FORGET = prepared(
  'feedback-forget',
  sql`DELETE FROM feedback_text t WHERE domain_today() >= make_date(left(t.quarter, 4)::integer, 1, 1)
      + make_interval(months => 3 * right(t.quarter, 1)::integer, days => 180)`,
);
export const PUBLISHED = prepared(
  'statistics-published',
  sql`SELECT content FROM statistics_table WHERE name = ${v.name} AND quarter = ${v.quarter}`,
);
