import { named, prepared, sql, unprepared } from '../../../database/index.js';
import { HERE } from '../events/events.sql.js';

const v = named<{
  webhook: string;
  service: string;
  url: Uint8Array;
  organisation: string;
  most: number;
  after: string;
  limit: number;
  xid: string;
  seen: string;
  nextXid: string;
  nextSeen: string;
  isGone: boolean;
}>();

/** None where the service is another organisation's, or has as many as it may. */
export const REGISTER = unprepared(
  'webhooks-register',
  sql`INSERT INTO webhook (id, service, url)
SELECT ${v.webhook}, s.id, ${v.url} FROM service s
 WHERE s.id = ${v.service} AND s.organisation = ${v.organisation}
   AND (SELECT count(*) FROM webhook w WHERE w.service = s.id) < ${v.most}
RETURNING id`,
);

/** None where the service is another organisation's. */
export const FIND_SERVICE = unprepared(
  'webhooks-service',
  sql`SELECT FROM service WHERE id = ${v.service} AND organisation = ${v.organisation}`,
);

export const LIST = unprepared(
  'webhooks-list',
  sql`SELECT w.id, w.service, w.url, w.failed_on AS "failedOn",
  CASE WHEN w.failed_on IS NOT NULL THEN 'failed' WHEN w.failing_since IS NOT NULL THEN 'failing' ELSE 'working' END AS status
FROM webhook w JOIN service s ON s.id = w.service
WHERE s.organisation = ${v.organisation} AND w.id > ${v.after} ORDER BY w.id LIMIT ${v.limit}`,
);

export const REMOVE = unprepared(
  'webhooks-remove',
  sql`DELETE FROM webhook w USING service s
  WHERE w.id = ${v.webhook} AND s.id = w.service AND s.organisation = ${v.organisation} RETURNING w.id`,
);

/**
 * Taken for a minute by this process: whoever finds it after that goes on from the last event that was taken.
 */
const LEASE = sql`domain_now() + interval '1 minute'`;

/** Webhooks that have something to tell and whose time has come. */
export const CLAIM = prepared(
  'webhooks-claim',
  sql`WITH ${HERE}, due AS (
      SELECT w.id FROM here, webhook w JOIN service s ON s.id = w.service JOIN organisation o ON o.id = s.organisation
      WHERE w.failed_on IS NULL AND w.due_at <= domain_now() AND o.status = 'active' AND EXISTS (
        SELECT FROM event e
        WHERE e.service = w.service AND (e.xid, e.id) > (w.seen_xid, w.seen_id) AND e.xid < here.below
      ) ORDER BY w.due_at LIMIT ${v.limit} FOR UPDATE OF w SKIP LOCKED
    )
    UPDATE webhook w SET due_at = ${LEASE} FROM due WHERE w.id = due.id
    RETURNING w.id, w.service, w.url, w.attempts, w.seen_xid::text AS xid, w.seen_id AS seen`,
);

/** Never backwards: only from the place at which the message was sent. */
const AT_PLACE = sql`id = ${v.webhook} AND seen_xid = ${v.xid}::xid8 AND seen_id = ${v.seen}`;

export const TAKEN = prepared(
  'webhooks-taken',
  sql`UPDATE webhook SET seen_xid = ${v.nextXid}::xid8, seen_id = ${v.nextSeen}, attempts = 0, failing_since = NULL,
    due_at = ${LEASE}
    WHERE ${AT_PLACE}`,
);

/** What is left is for the next round. */
export const RELEASE = prepared(
  'webhooks-release',
  sql`UPDATE webhook SET due_at = domain_now() WHERE ${AT_PLACE}`,
);

/**
 * 5 s, 20 s, 80 s, 5 min, 21 min, 85 min, 6 h, then every 12 h, each a quarter more or less. `isGone`: the
 * receiver says that it is gone for good.
 */
export const FAILED = prepared(
  'webhooks-failed',
  sql`UPDATE webhook SET attempts = least(attempts + 1, 1000), failing_since = coalesce(failing_since, domain_now()),
      due_at = domain_now() + (0.75 + random() / 2) * least(interval '5 seconds' * power(4, least(attempts, 10)), interval '12 hours'),
      failed_on = CASE WHEN ${v.isGone} OR failing_since < domain_now() - interval '3 days' THEN domain_today() END
    WHERE ${AT_PLACE}`,
);
