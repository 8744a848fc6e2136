import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What is said beside a handoff: messages and attachments, sealed. They are found by the referral alone and
 * do not move when it closes; they go with the handoff, whatever erases it and whatever is written meanwhile.
 */
const UP = `
CREATE TABLE message (
  referral uuid NOT NULL,
  -- place in the thread, from 0: of two that are written for one place, one is taken
  place    smallint NOT NULL CHECK (place >= 0),
  ctx      bytea NOT NULL,
  -- the content key for each recipient, in the order of the context
  wraps    bytea[] NOT NULL CHECK (cardinality(wraps) = 3),
  body     bytea NOT NULL,
  PRIMARY KEY (referral, place)
);
ALTER TABLE message ALTER body SET STORAGE EXTERNAL;

CREATE TABLE attachment (
  id       uuid PRIMARY KEY,
  referral uuid NOT NULL,
  -- the service that sends, or is about to
  service  uuid NOT NULL,
  -- bytes of the sealed body, padded
  size     integer NOT NULL CHECK (size > 0),
  -- to the hour; null once the referral was sent
  begun_at timestamptz
);
CREATE INDEX attachment_referral ON attachment (referral);
-- what a service has begun and not sent: few, whatever the years have added
CREATE INDEX attachment_begun ON attachment (service) WHERE begun_at IS NOT NULL;

-- The sealed body in parts, so that neither side ever holds all of it.
CREATE TABLE attachment_part (
  attachment uuid NOT NULL REFERENCES attachment ON DELETE CASCADE,
  number     smallint NOT NULL CHECK (number >= 0),
  bytes      bytea NOT NULL CHECK (octet_length(bytes) BETWEEN 1 AND 131072),
  PRIMARY KEY (attachment, number)
);
ALTER TABLE attachment_part ALTER bytes SET STORAGE EXTERNAL;

-- An act that erases is one statement, and its snapshot can be older than a message that has just been written. This looks
-- after the deletion, when whoever held the handoff's row has let it go. A row that only moves to the closed part stays.
CREATE FUNCTION handoff_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM handoff h WHERE h.referral = OLD.referral) THEN
    DELETE FROM message m WHERE m.referral = OLD.referral;
    DELETE FROM attachment a WHERE a.referral = OLD.referral;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER gone AFTER DELETE ON handoff FOR EACH ROW EXECUTE FUNCTION handoff_gone();

GRANT SELECT, INSERT, UPDATE, DELETE ON message, attachment, attachment_part TO relais_app;
`;

export class Handoffs1700000008000 implements MigrationInterface {
  name = 'Handoffs1700000008000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `DROP TRIGGER gone ON handoff; DROP FUNCTION handoff_gone;
       DROP TABLE attachment_part, attachment, message`,
    );
  }
}
