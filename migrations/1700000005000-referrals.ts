import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Referrals with what routing needs in clear, and beside them what only the recipients can read. Every table
 * is split into open and closed: hot queries touch the small open part whatever the years have added. Ids are
 * random; a row moves to the closed part with the act that closes it. Nothing here says who the person or the
 * worker is.
 */
const UP = `
CREATE TABLE referral (
  open            boolean NOT NULL,
  id              uuid NOT NULL,
  kind            text NOT NULL CHECK (kind IN ('referral', 'transfer')),
  source          uuid NOT NULL,
  target          uuid NOT NULL,
  -- key id of the receiving service's epoch
  to_key          bytea NOT NULL CHECK (octet_length(to_key) = 32),
  priority        text NOT NULL CHECK (priority IN ('routine', 'urgent', 'stat')),
  status          text NOT NULL,
  status_reason   text,
  outcome         text,
  review_on       date,
  -- to the hour while open, to the day once closed
  sent_at         timestamptz NOT NULL,
  respond_by      timestamptz,
  -- the one consent behind it, and where its chain of statements stands
  consent         uuid NOT NULL,
  consent_state   text NOT NULL CHECK (consent_state IN ('released', 'received', 'withdrawn', 'invalidated')),
  given_hash      bytea NOT NULL CHECK (octet_length(given_hash) = 32),
  head_hash       bytea NOT NULL CHECK (octet_length(head_hash) = 32),
  statements      smallint NOT NULL,
  last_day        date NOT NULL,
  send_until      date NOT NULL,
  keep_until      date NOT NULL,
  -- thumbprints of the person's code: random per referral
  person_kid      text NOT NULL CHECK (length(person_kid) = 43),
  read_kid        text NOT NULL CHECK (length(read_kid) = 43),
  word_needed     boolean NOT NULL,
  -- the id first: looked up by it alone, each part is asked through its index
  PRIMARY KEY (id, open),
  UNIQUE (consent, open),
  UNIQUE (person_kid, open)
) PARTITION BY LIST (open);
CREATE TABLE referral_open PARTITION OF referral FOR VALUES IN (true);
CREATE TABLE referral_closed PARTITION OF referral FOR VALUES IN (false);
CREATE INDEX referral_inbox ON referral (target, sent_at DESC, id DESC);
CREATE INDEX referral_outbox ON referral (source, sent_at DESC, id DESC);
-- A consent is used once, and a code is a person's for one referral, whichever part the row lies in. Each part has its
-- unique indexes; between the parts this looks, after the insert, so that a row that has just moved is seen.
CREATE FUNCTION referral_unused() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM referral_closed c WHERE c.id = NEW.id)
     OR EXISTS (SELECT FROM referral_closed c WHERE c.consent = NEW.consent)
     OR EXISTS (SELECT FROM referral_closed c WHERE c.person_kid = NEW.person_kid) THEN
    RAISE unique_violation;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER unused AFTER INSERT ON referral_open FOR EACH ROW EXECUTE FUNCTION referral_unused();
-- what the clock looks for
CREATE INDEX referral_respond_by ON referral_open (respond_by) WHERE status IN ('requested', 'received');
CREATE INDEX referral_send_until ON referral_open (send_until) WHERE status = 'requested';
CREATE INDEX referral_keep_until ON referral_closed (keep_until);

-- The sealed handoff: one row, and one per wrap, so that deleting them erases.
CREATE TABLE handoff (
  open       boolean NOT NULL,
  referral   uuid NOT NULL,
  ctx        bytea NOT NULL,
  body       bytea NOT NULL,
  -- X-Wing key of the person's code: services seal their messages to it as well
  person_box bytea NOT NULL CHECK (octet_length(person_box) = 1216),
  PRIMARY KEY (referral, open)
) PARTITION BY LIST (open);
CREATE TABLE handoff_open PARTITION OF handoff FOR VALUES IN (true);
CREATE TABLE handoff_closed PARTITION OF handoff FOR VALUES IN (false);
ALTER TABLE handoff_open ALTER body SET STORAGE EXTERNAL;

CREATE TABLE handoff_wrap (
  open     boolean NOT NULL,
  referral uuid NOT NULL,
  -- place in the context
  place    smallint NOT NULL,
  role     smallint NOT NULL,
  wrap     bytea NOT NULL CHECK (octet_length(wrap) = 1168),
  PRIMARY KEY (referral, place, open)
) PARTITION BY LIST (open);
CREATE TABLE handoff_wrap_open PARTITION OF handoff_wrap FOR VALUES IN (true);
CREATE TABLE handoff_wrap_closed PARTITION OF handoff_wrap FOR VALUES IN (false);

-- Statements with their openings: clear to the two services and to this server, hidden from everybody else.
CREATE TABLE statement (
  open     boolean NOT NULL,
  referral uuid NOT NULL,
  number   smallint NOT NULL,
  jws      text NOT NULL CHECK (octet_length(jws) <= 8192),
  opening  bytea NOT NULL CHECK (octet_length(opening) = 32),
  -- the leaf's key in log_position
  pending  uuid NOT NULL,
  PRIMARY KEY (referral, number, open)
) PARTITION BY LIST (open);
CREATE TABLE statement_open PARTITION OF statement FOR VALUES IN (true);
CREATE TABLE statement_closed PARTITION OF statement FOR VALUES IN (false);

GRANT SELECT, INSERT, UPDATE, DELETE ON referral, handoff, handoff_wrap, statement TO relais_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON referral_open, referral_closed, handoff_open, handoff_closed,
  handoff_wrap_open, handoff_wrap_closed, statement_open, statement_closed TO relais_app;
`;

export class Referrals1700000005000 implements MigrationInterface {
  name = 'Referrals1700000005000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'DROP TABLE statement, handoff_wrap, handoff, referral; DROP FUNCTION referral_unused',
    );
  }
}
