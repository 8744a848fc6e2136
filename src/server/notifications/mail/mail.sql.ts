import { named, prepared, sql, unprepared } from '../../../database/index.js';
import { HERE } from '../events/events.sql.js';

const v = named<{
  service: string;
  address: Uint8Array;
  language: string;
  organisation: string;
  after: string;
  limit: number;
  mostAttempts: number;
}>();

/**
 * None where the service is another organisation's. Another address is told of what comes, not of what was.
 */
export const REGISTER = unprepared(
  'mail-register',
  sql`INSERT INTO mail_notice AS m (service, address, language)
SELECT s.id, ${v.address}, ${v.language} FROM service s WHERE s.id = ${v.service} AND s.organisation = ${v.organisation}
ON CONFLICT (service) DO UPDATE SET address = excluded.address, language = excluded.language, attempts = 0,
  seen_xid = greatest(m.seen_xid, excluded.seen_xid), due_at = NULL
RETURNING service`,
);

export const LIST = unprepared(
  'mail-list',
  sql`SELECT m.service, m.address, m.language FROM mail_notice m JOIN service s ON s.id = m.service
WHERE s.organisation = ${v.organisation} AND m.service > ${v.after} ORDER BY m.service LIMIT ${v.limit}`,
);

export const REMOVE = unprepared(
  'mail-remove',
  sql`DELETE FROM mail_notice m USING service s
  WHERE m.service = ${v.service} AND s.id = m.service AND s.organisation = ${v.organisation}
RETURNING m.service`,
);

/**
 * Something that a service did not do itself: a mail is due, within the quarter of an hour, an hour after the
 * last at the earliest.
 */
export const NOTICE = prepared(
  'mail-notice',
  sql`WITH ${HERE}
    UPDATE mail_notice m SET seen_xid = greatest(m.seen_xid, here.below),
      due_at = greatest(domain_now(), coalesce(m.next_at, '-infinity')) + random() * interval '15 minutes'
    FROM here WHERE m.due_at IS NULL AND EXISTS (
      SELECT FROM event e
      WHERE e.service = m.service AND e.xid >= m.seen_xid AND e.xid < here.below AND NOT e.own
    )`,
);

/**
 * Taken for an hour: a process that is killed, or a mail server that refuses, costs an hour, and no hour has
 * two mails. What has come until now is told by this one.
 */
export const CLAIM = prepared(
  'mail-claim',
  sql`WITH ${HERE}, due AS (
      SELECT m.service FROM mail_notice m JOIN service s ON s.id = m.service JOIN organisation o ON o.id = s.organisation
      WHERE m.due_at <= domain_now() AND o.status = 'active'
        ORDER BY m.due_at LIMIT ${v.limit} FOR UPDATE OF m SKIP LOCKED
    )
    UPDATE mail_notice m SET attempts = least(m.attempts + 1, 1000), seen_xid = greatest(m.seen_xid, here.below),
      next_at = domain_now() + interval '1 hour',
      due_at = CASE WHEN m.attempts < ${v.mostAttempts} THEN domain_now() + interval '1 hour' END
    FROM due, here WHERE m.service = due.service
    RETURNING m.service, m.address, m.language`,
);

export const SENT = prepared(
  'mail-sent',
  sql`UPDATE mail_notice SET due_at = NULL, attempts = 0 WHERE service = ${v.service}`,
);
