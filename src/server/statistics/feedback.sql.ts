import { onceSql } from '../common/http/index.js';

const QUARTER = "to_char(domain_today(), 'YYYY-Q')";

const MAY_GIVE = "r.status <> 'requested' AND r.feedback_given IS NOT TRUE";

/** Once a receipt, from the opening on: the referral's row remembers that, and nothing that was answered. */
export const GIVE = onceSql(
  'feedback',
  `given AS (
      UPDATE referral r SET feedback_given = true FROM free
      WHERE r.read_kid = $4 AND ${MAY_GIVE}
      RETURNING r.source, r.target
    ), counted AS (
      INSERT INTO feedback (source, target, quarter, reached, helped, respected)
      SELECT s.organisation, g.target, ${QUARTER}, $5, $6, $7 FROM given g JOIN service s ON s.id = g.source
    ), written AS (
      INSERT INTO feedback_text (target, quarter, ctx, wraps, body)
      SELECT target, ${QUARTER}, $8::bytea, $9::bytea[], $10::bytea FROM given WHERE $8::bytea IS NOT NULL
    ), answered AS (SELECT '{"given":true}'::text AS answer FROM given)`,
);

/** A row where it may be given. */
export const GIVE_WHY = {
  name: 'feedback-why',
  text: `SELECT FROM referral r WHERE r.read_kid = $1 AND ${MAY_GIVE}`,
};

/** Devices that read what persons write, as the network has appointed them; the contexts of an envelope hold sixteen. */
export const OBSERVERS = {
  name: 'feedback-observers',
  text: `SELECT d.box FROM device d JOIN organisation o ON o.id = d.organisation
    WHERE d.role = 'observer' AND d.revoked IS NULL AND domain_today() BETWEEN d.valid_from AND d.valid_until
      AND o.status = 'active'
    ORDER BY d.id LIMIT 16`,
};

export const TEXTS = {
  name: 'feedback-texts',
  text: `SELECT t.id, t.target, t.quarter, t.ctx, t.wraps, t.body, (SELECT d.box_id FROM device d WHERE d.id = $1) AS own
    FROM feedback_text t WHERE t.id > $2 ORDER BY t.id LIMIT $3`,
};

/** Nobody who counts at the same time counts the same rows. */
export const ENDED = {
  name: 'feedback-ended',
  text: `SELECT f.source, f.target, f.quarter, f.reached, f.helped, f.respected FROM feedback f
    WHERE f.quarter = (SELECT min(g.quarter) FROM feedback g) AND domain_today() >= make_date(left(f.quarter, 4)::integer, 1, 1)
      + make_interval(months => 3 * right(f.quarter, 1)::integer, days => 30) FOR UPDATE`,
};
export const PUBLISH = {
  name: 'feedback-publish',
  text: `INSERT INTO statistics_table (name, quarter, content) VALUES ('feedback', $1, $2) ON CONFLICT DO NOTHING`,
};
export const COUNTED = { name: 'feedback-counted', text: 'DELETE FROM feedback WHERE quarter = $1' };
/** Half a year is time enough to read what was written. */
export const FORGET = {
  name: 'feedback-forget',
  text: `DELETE FROM feedback_text t WHERE domain_today() >= make_date(left(t.quarter, 4)::integer, 1, 1)
      + make_interval(months => 3 * right(t.quarter, 1)::integer, days => 180)`,
};
export const PUBLISHED = {
  name: 'statistics-published',
  text: 'SELECT content FROM statistics_table WHERE name = $1 AND quarter = $2',
};
