import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Witnesses of the registry, and what they have cosigned. A checkpoint counts as witnessed once, when the
 * quorum of the registry that it stands on has signed it; that does not change when the witnesses do.
 */
const UP = `
CREATE TABLE witness (
  kid            text PRIMARY KEY,
  organisation   uuid NOT NULL REFERENCES organisation,
  key            bytea NOT NULL CHECK (octet_length(key) = 32),
  -- where it takes checkpoints; without it, it comes for them
  url            text,
  registry_index bigint NOT NULL,
  revoked_index  bigint
);
CREATE UNIQUE INDEX witness_organisation ON witness (organisation) WHERE revoked_index IS NULL;

-- The registry's size at the last anchor of a consent checkpoint; a registry checkpoint's own size.
ALTER TABLE log_checkpoint ADD anchored bigint;
ALTER TABLE log_checkpoint DISABLE TRIGGER final;
UPDATE log_checkpoint SET anchored = 0;
ALTER TABLE log_checkpoint ENABLE TRIGGER final;
ALTER TABLE log_checkpoint ALTER anchored SET NOT NULL;
ALTER TABLE log_checkpoint ADD at timestamptz NOT NULL DEFAULT domain_now();

CREATE TABLE log_cosignature (
  log     smallint NOT NULL,
  size    bigint NOT NULL,
  witness text NOT NULL REFERENCES witness,
  -- signature line of the note
  line    text NOT NULL CHECK (octet_length(line) < 400),
  PRIMARY KEY (log, size, witness),
  FOREIGN KEY (log, size) REFERENCES log_checkpoint
);
CREATE INDEX log_cosignature_witness ON log_cosignature (witness, log, size);

CREATE TABLE log_witnessed (
  log  smallint NOT NULL,
  size bigint NOT NULL,
  PRIMARY KEY (log, size),
  FOREIGN KEY (log, size) REFERENCES log_checkpoint
);
-- what was published before there could be witnesses
INSERT INTO log_witnessed (log, size) SELECT log, size FROM log_checkpoint;

CREATE TRIGGER final BEFORE UPDATE OR DELETE ON log_cosignature FOR EACH ROW EXECUTE FUNCTION log_refuse();
CREATE TRIGGER final BEFORE UPDATE OR DELETE ON log_witnessed FOR EACH ROW EXECUTE FUNCTION log_refuse();
CREATE TRIGGER kept BEFORE TRUNCATE ON log_cosignature FOR EACH STATEMENT EXECUTE FUNCTION log_refuse();
CREATE TRIGGER kept BEFORE TRUNCATE ON log_witnessed FOR EACH STATEMENT EXECUTE FUNCTION log_refuse();

GRANT SELECT, INSERT ON witness, log_cosignature, log_witnessed TO relais_app;
GRANT UPDATE (revoked_index) ON witness TO relais_app;
GRANT SELECT ON witness TO relais_sequencer;
GRANT SELECT, INSERT ON log_witnessed TO relais_sequencer;
`;

export class Witnesses1700000015000 implements MigrationInterface {
  name = 'Witnesses1700000015000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'DROP TABLE log_witnessed, log_cosignature, witness; ALTER TABLE log_checkpoint DROP anchored, DROP at',
    );
  }
}
