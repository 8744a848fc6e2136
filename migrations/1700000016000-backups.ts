import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What a backup must not bring back. Each erasure and each revoked device leaves a line, which a job writes
 * to a list outside the database, beside the backups, and then forgets; a restore reads the list. A referral
 * is named by the hash of its random id: without the database nobody can say of whom a line speaks.
 */
const UP = `
CREATE TABLE erased (
  id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  line text NOT NULL CHECK (octet_length(line) <= 17000)
);
GRANT SELECT, INSERT, DELETE ON erased TO relais_app;

CREATE FUNCTION referral_noted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO erased (line) VALUES (concat_ws(' ', TG_ARGV[0], encode(sha256(NEW.id::text::bytea), 'hex'),
    NEW.status, coalesce(NEW.status_reason, '-'), NEW.consent_state));
  RETURN NULL;
END $$;
-- closing moves a row from one part to the other: an insert there
CREATE TRIGGER noted_closed AFTER INSERT ON referral_closed FOR EACH ROW
  WHEN (NEW.erased_on IS NOT NULL) EXECUTE FUNCTION referral_noted('erased');
CREATE TRIGGER noted AFTER UPDATE ON referral_closed FOR EACH ROW
  WHEN (NEW.erased_on IS NOT NULL AND (OLD.erased_on IS NULL OR OLD.consent_state <> NEW.consent_state))
  EXECUTE FUNCTION referral_noted('erased');
CREATE TRIGGER noted AFTER UPDATE ON referral_open FOR EACH ROW
  WHEN (NEW.erased_on IS NOT NULL AND OLD.erased_on IS NULL) EXECUTE FUNCTION referral_noted('erased');
-- the source has let go of a transfer: its key to the content is gone
CREATE TRIGGER noted_released AFTER UPDATE ON referral_open FOR EACH ROW
  WHEN (NEW.passed AND OLD.passed IS NOT TRUE) EXECUTE FUNCTION referral_noted('released');

CREATE FUNCTION device_noted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO erased (line) VALUES (concat_ws(' ', 'device', encode(sha256(NEW.id::text::bytea), 'hex'), NEW.revoked, NEW.revocation));
  RETURN NULL;
END $$;
CREATE TRIGGER noted AFTER UPDATE ON device FOR EACH ROW
  WHEN (OLD.revoked IS NULL AND NEW.revoked IS NOT NULL) EXECUTE FUNCTION device_noted();

-- Since when the feed of events tells everything: of a restored database no earlier place is good, whatever its number.
ALTER TABLE network ADD events_since timestamptz;
`;

const DOWN = `
ALTER TABLE network DROP events_since;
DROP TRIGGER noted ON device;
DROP FUNCTION device_noted;
DROP TRIGGER noted_released ON referral_open;
DROP TRIGGER noted ON referral_open;
DROP TRIGGER noted ON referral_closed;
DROP TRIGGER noted_closed ON referral_closed;
DROP FUNCTION referral_noted;
DROP TABLE erased;
`;

export class Backups1700000016000 implements MigrationInterface {
  name = 'Backups1700000016000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
