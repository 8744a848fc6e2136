import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A pair of logs for each year. Entries of the registry are counted over all years; `first` is how many there
 * are before a year's log, whose own tree counts from 0.
 */
const UP = `
ALTER TABLE log ADD COLUMN first bigint NOT NULL DEFAULT 0 CHECK (first >= 0);
CREATE UNIQUE INDEX registry_entry_index ON registry_entry (index);
-- one row: the log that is written to now, so that whoever waits for it finds the new one after a change of year
CREATE UNIQUE INDEX registry_head_one ON registry_head ((true));

CREATE FUNCTION log_closes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> 'open' OR NEW.state <> 'closed'
     OR (NEW.id, NEW.kind, NEW.year, NEW.name, NEW.origin, NEW.vkey, NEW.first)
        IS DISTINCT FROM (OLD.id, OLD.kind, OLD.year, OLD.name, OLD.origin, OLD.vkey, OLD.first) THEN
    RAISE EXCEPTION 'a log is only closed';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER closes BEFORE UPDATE ON log FOR EACH ROW EXECUTE FUNCTION log_closes();

CREATE OR REPLACE FUNCTION registry_head_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.log < OLD.log OR NEW.next < OLD.next THEN
    RAISE EXCEPTION 'registry_head only grows';
  END IF;
  RETURN NEW;
END $$;

GRANT UPDATE (state) ON log TO relais_sequencer;
GRANT UPDATE (log, next) ON registry_head TO relais_sequencer;
-- the two entries in which one year's log names the next, and the next one ties on
GRANT INSERT ON registry_entry TO relais_sequencer;
`;

const DOWN = `
REVOKE INSERT ON registry_entry FROM relais_sequencer;
REVOKE UPDATE (log, next) ON registry_head FROM relais_sequencer;
REVOKE UPDATE (state) ON log FROM relais_sequencer;
CREATE OR REPLACE FUNCTION registry_head_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.log <> OLD.log OR NEW.next < OLD.next THEN
    RAISE EXCEPTION 'registry_head only grows';
  END IF;
  RETURN NEW;
END $$;
DROP TRIGGER closes ON log;
DROP FUNCTION log_closes;
DROP INDEX registry_head_one, registry_entry_index;
ALTER TABLE log DROP COLUMN first;
`;

export class Years1700000018000 implements MigrationInterface {
  name = 'Years1700000018000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
