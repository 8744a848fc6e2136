import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What has happened, for each service that it concerns: ids and a word, for 30 days. The events are written
 * by triggers in the transaction of the effect, so that no act can forget one. Webhooks and mail hold a place
 * in them, and need no outbox of their own.
 */
const UP = `
CREATE TABLE event (
  service  uuid NOT NULL,
  -- Of the transaction that wrote it. Transactions commit out of order; below the oldest one that still runs nothing is
  -- added any more, and only there is read: so (xid, id) is an order in which nothing is ever slipped in behind a reader.
  xid      xid8 NOT NULL DEFAULT pg_current_xact_id(),
  id       uuid NOT NULL DEFAULT gen_random_uuid(),
  type     text NOT NULL CHECK (type IN ('referral.requested', 'referral.status', 'referral.withdrawn', 'referral.changed',
    'referral.reminder', 'referral.info-requested', 'message.new')),
  referral uuid NOT NULL,
  -- the service did it itself: its other devices want to know, but it is no news to write a mail about
  own      boolean NOT NULL DEFAULT false,
  -- to the hour while the referral is open, to the day once it is closed
  at       timestamptz NOT NULL DEFAULT date_trunc('hour', domain_now()),
  PRIMARY KEY (service, xid, id)
);
CREATE INDEX event_referral ON event (referral);
CREATE INDEX event_at ON event USING brin (at);

-- Who wrote a message the server does not keep: both services are told.
CREATE FUNCTION message_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO event (service, referral, type, at)
    SELECT told.service, r.id, 'message.new', date_trunc(CASE WHEN r.open THEN 'hour' ELSE 'day' END, domain_now())
    FROM referral r, LATERAL (VALUES (r.target), (r.source)) AS told (service)
    WHERE r.id = NEW.referral AND (told.service = r.target OR r.passed IS NOT TRUE);
  RETURN NULL;
END $$;
CREATE TRIGGER told AFTER INSERT ON message FOR EACH ROW EXECUTE FUNCTION message_told();

CREATE FUNCTION referral_told() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  what text := CASE WHEN NEW.consent_state = 'withdrawn' THEN 'referral.withdrawn' ELSE TG_ARGV[0] END;
  by_target boolean := what = 'referral.info-requested'
    OR what = 'referral.status' AND NEW.status NOT IN ('requested', 'cancelled', 'entered-in-error');
  by_source boolean := what = 'referral.requested' OR what = 'referral.reminder' AND OLD.due_soon IS NOT DISTINCT FROM NEW.due_soon
    OR what = 'referral.status' AND (NEW.status = 'entered-in-error'
    OR NEW.status = 'cancelled' AND coalesce(NEW.status_reason, '') NOT IN ('no-response', 'consent-expired'));
  told_at timestamptz := date_trunc(CASE WHEN NEW.open THEN 'hour' ELSE 'day' END, domain_now());
BEGIN
  -- what is closed has no hour any more
  IF NOT NEW.open THEN
    UPDATE event e SET at = date_trunc('day', e.at) WHERE e.referral = NEW.id;
  END IF;
  INSERT INTO event (service, referral, type, own, at)
    VALUES (NEW.target, NEW.id, what, by_target, told_at), (NEW.source, NEW.id, what, by_source, told_at);
  RETURN NULL;
END $$;
-- Closing moves a row from one part to the other: an insert there, and no update anywhere.
CREATE TRIGGER told_requested AFTER INSERT ON referral_open
  FOR EACH ROW EXECUTE FUNCTION referral_told('referral.requested');
CREATE TRIGGER told_closed AFTER INSERT ON referral_closed
  FOR EACH ROW EXECUTE FUNCTION referral_told('referral.status');
CREATE TRIGGER told_status AFTER UPDATE ON referral_open FOR EACH ROW
  WHEN (OLD.status <> NEW.status OR OLD.status_reason IS DISTINCT FROM NEW.status_reason
    OR OLD.consent_state <> NEW.consent_state)
  EXECUTE FUNCTION referral_told('referral.status');
CREATE TRIGGER told_status AFTER UPDATE ON referral_closed FOR EACH ROW
  WHEN (OLD.status <> NEW.status OR OLD.status_reason IS DISTINCT FROM NEW.status_reason
    OR OLD.consent_state <> NEW.consent_state)
  EXECUTE FUNCTION referral_told('referral.status');
-- by the source, or by the clock when the answer is due soon
CREATE TRIGGER told_reminder AFTER UPDATE ON referral_open FOR EACH ROW
  WHEN (OLD.reminded_at IS DISTINCT FROM NEW.reminded_at OR NEW.due_soon AND OLD.due_soon IS NOT TRUE)
  EXECUTE FUNCTION referral_told('referral.reminder');
CREATE TRIGGER told_info AFTER UPDATE ON referral_open FOR EACH ROW
  WHEN (NEW.business_status = 'info-requested' AND OLD.business_status IS DISTINCT FROM NEW.business_status)
  EXECUTE FUNCTION referral_told('referral.info-requested');
CREATE TRIGGER told_changed AFTER UPDATE ON referral_open FOR EACH ROW
  WHEN (OLD.status = NEW.status AND OLD.status_reason IS NOT DISTINCT FROM NEW.status_reason
    AND OLD.consent_state = NEW.consent_state AND NEW.business_status IS DISTINCT FROM 'info-requested'
    AND (OLD.passed IS DISTINCT FROM NEW.passed OR OLD.business_status IS DISTINCT FROM NEW.business_status OR OLD.respond_by IS DISTINCT FROM NEW.respond_by OR OLD.keep_until <> NEW.keep_until
      OR OLD.review_on IS DISTINCT FROM NEW.review_on))
  EXECUTE FUNCTION referral_told('referral.changed');

CREATE TABLE webhook (
  id            uuid PRIMARY KEY,
  service       uuid NOT NULL REFERENCES service,
  -- sealed under a key of the data directory
  url           bytea NOT NULL CHECK (octet_length(url) <= 1100),
  -- the last event that its receiver has taken; what comes after waits for it
  seen_xid      xid8 NOT NULL DEFAULT pg_snapshot_xmin(pg_current_snapshot()),
  seen_id       uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
  attempts      smallint NOT NULL DEFAULT 0,
  -- when it is tried next; ahead of now while a process works on it
  due_at        timestamptz NOT NULL DEFAULT domain_now(),
  failing_since timestamptz,
  -- given up: nothing is sent any more
  failed_on     date
);
CREATE INDEX webhook_service ON webhook (service);

CREATE TABLE mail_notice (
  service  uuid PRIMARY KEY REFERENCES service,
  -- sealed under a key of the data directory
  address  bytea NOT NULL CHECK (octet_length(address) <= 300),
  language text NOT NULL CHECK (language IN ('fr', 'nl', 'en')),
  -- below it everything has been told
  seen_xid xid8 NOT NULL DEFAULT pg_snapshot_xmin(pg_current_snapshot()),
  -- when a mail goes out; NULL while there is nothing to say
  due_at   timestamptz,
  -- not before
  next_at  timestamptz,
  attempts smallint NOT NULL DEFAULT 0
);

GRANT SELECT, INSERT, DELETE ON event, webhook, mail_notice TO relais_app;
GRANT UPDATE (at) ON event TO relais_app;
GRANT UPDATE (seen_xid, seen_id, attempts, due_at, failing_since, failed_on) ON webhook TO relais_app;
GRANT UPDATE ON mail_notice TO relais_app;
`;

const DOWN = `
DROP TABLE mail_notice, webhook;
DROP TRIGGER told_requested ON referral_open;
DROP TRIGGER told_status ON referral_open;
DROP TRIGGER told_changed ON referral_open;
DROP TRIGGER told_reminder ON referral_open;
DROP TRIGGER told_info ON referral_open;
DROP TRIGGER told ON message;
DROP TRIGGER told_closed ON referral_closed;
DROP TRIGGER told_status ON referral_closed;
DROP FUNCTION referral_told, message_told;
DROP TABLE event;
`;

export class Notifications1700000010000 implements MigrationInterface {
  name = 'Notifications1700000010000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
