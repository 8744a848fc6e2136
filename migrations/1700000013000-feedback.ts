import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * How it went, in the words of the persons: counted without them. A row names neither referral nor day; what
 * it shares with the referral is the transaction that wrote both, until PostgreSQL freezes the rows.
 */
const UP = `
ALTER TABLE referral ADD feedback_given boolean;

CREATE TABLE feedback (
  id        uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  -- organisation that sent, service that received
  source    uuid NOT NULL,
  target    uuid NOT NULL,
  -- 2026-3
  quarter   text NOT NULL CHECK (quarter ~ '^[0-9]{4}-[1-4]$'),
  reached   text CHECK (reached IN ('yes', 'not-yet', 'no')),
  helped    text CHECK (helped IN ('yes', 'partly', 'no')),
  respected text CHECK (respected IN ('yes', 'partly', 'no'))
);
CREATE INDEX feedback_quarter ON feedback (quarter);

-- Sealed to the observers, apart from the answers.
CREATE TABLE feedback_text (
  id      uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  target  uuid NOT NULL,
  quarter text NOT NULL CHECK (quarter ~ '^[0-9]{4}-[1-4]$'),
  ctx     bytea NOT NULL,
  wraps   bytea[] NOT NULL,
  body    bytea NOT NULL
);
CREATE INDEX feedback_text_quarter ON feedback_text (quarter);

-- A table that was published once and is never revised.
CREATE TABLE statistics_table (
  name    text NOT NULL,
  quarter text NOT NULL,
  content text NOT NULL,
  PRIMARY KEY (name, quarter)
);

GRANT SELECT, INSERT, DELETE ON feedback, feedback_text TO relais_app;
-- FOR UPDATE while a quarter is counted
GRANT UPDATE (quarter) ON feedback TO relais_app;
GRANT SELECT, INSERT ON statistics_table TO relais_app;
`;

export class Feedback1700000013000 implements MigrationInterface {
  name = 'Feedback1700000013000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'DROP TABLE statistics_table, feedback_text, feedback; ALTER TABLE referral DROP feedback_given',
    );
  }
}
