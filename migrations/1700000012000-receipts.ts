import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A receipt is read by the key of paper and word: one referral each, whichever part its row lies in. */
const UP = `
ALTER TABLE referral ADD UNIQUE (read_kid, open);
CREATE OR REPLACE FUNCTION referral_unused() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM referral_closed c WHERE c.id = NEW.id)
     OR EXISTS (SELECT FROM referral_closed c WHERE c.consent = NEW.consent)
     OR EXISTS (SELECT FROM referral_closed c WHERE c.person_kid = NEW.person_kid)
     OR EXISTS (SELECT FROM referral_closed c WHERE c.read_kid = NEW.read_kid) THEN
    RAISE unique_violation;
  END IF;
  RETURN NULL;
END $$;
`;
const DOWN = `
CREATE OR REPLACE FUNCTION referral_unused() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM referral_closed c WHERE c.id = NEW.id)
     OR EXISTS (SELECT FROM referral_closed c WHERE c.consent = NEW.consent)
     OR EXISTS (SELECT FROM referral_closed c WHERE c.person_kid = NEW.person_kid) THEN
    RAISE unique_violation;
  END IF;
  RETURN NULL;
END $$;
ALTER TABLE referral DROP CONSTRAINT referral_read_kid_open_key;
`;

export class Receipts1700000012000 implements MigrationInterface {
  name = 'Receipts1700000012000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
