import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Both transparency logs. Every public byte is random, a hash, or an entry of the registry; no table here
 * holds a statement or an opening.
 *
 * log_pending and registry_entry are what the application may add to, in the transaction of its act;
 * everything that is signed is written by the sequencer's login only. Leaves, tiles and checkpoints are
 * append-only by grant, and by trigger for whoever has more than a grant.
 */
const TABLES = `
CREATE TABLE log (
  id     smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind   text NOT NULL CHECK (kind IN ('consent', 'registry')),
  year   smallint NOT NULL CHECK (year BETWEEN 2000 AND 9999),
  -- the origin without the year, as statements name the log
  name   text NOT NULL,
  origin text NOT NULL UNIQUE,
  vkey   text NOT NULL UNIQUE,
  state  text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
  UNIQUE (kind, year)
);
CREATE UNIQUE INDEX log_open ON log (kind) WHERE state = 'open';

-- One row per log: the sequencer's lock, what it last signed, and what of it the fence already holds.
CREATE TABLE log_head (
  log            smallint PRIMARY KEY REFERENCES log,
  size           bigint NOT NULL CHECK (size >= 0),
  root           bytea NOT NULL CHECK (octet_length(root) = 32),
  note           text NOT NULL,
  -- this head is to be published as soon as the fence holds it
  due            boolean NOT NULL,
  -- nothing newer than this is shown to anybody: a note that was seen is in the fence
  served_size    bigint CHECK (served_size BETWEEN 0 AND size),
  served_note    text,
  published_size bigint CHECK (published_size <= served_size),
  published_at   timestamptz,
  -- where in its spread the next publication falls, 0 to 1
  jitter         real NOT NULL DEFAULT 0.5 CHECK (jitter BETWEEN 0 AND 1),
  -- registry: its size just after its last revocation; consent: the registry's size in the last anchor
  revoked_size   bigint,
  anchored_size  bigint,
  -- consent: statements since the last publication
  unpublished    bigint NOT NULL DEFAULT 0,
  CHECK ((served_size IS NULL) = (served_note IS NULL))
);

-- Outbox of the consent log. tag and number keep a consent's own order through the shuffle and are gone with the row.
CREATE TABLE log_pending (
  id     uuid NOT NULL,
  tag    uuid,
  number integer NOT NULL DEFAULT 0,
  leaf   bytea NOT NULL CHECK (octet_length(leaf) = 33 AND get_byte(leaf, 0) = 1)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);
-- Taken in this order, a consent's later act is never in a batch before its earlier one. No key on id: log_position has it.
CREATE INDEX log_pending_number ON log_pending (number);

-- Where a statement's leaf went; lives as long as its statement. Written by the sequencer alone, thousands at a time: a
-- foreign key to log would be checked for each of them.
CREATE TABLE log_position (
  pending uuid PRIMARY KEY,
  log     smallint NOT NULL,
  index   bigint NOT NULL CHECK (index >= 0)
);

-- Clear text of the registry. The index is given in the transaction of the act, under the lock of registry_head, so
-- that indexes are in commit order and without a gap.
CREATE TABLE registry_head (
  log  smallint PRIMARY KEY REFERENCES log,
  next bigint NOT NULL DEFAULT 0 CHECK (next >= 0)
);
CREATE TABLE registry_entry (
  log   smallint NOT NULL REFERENCES log,
  index bigint NOT NULL CHECK (index >= 0),
  text  text NOT NULL CHECK (octet_length(text) BETWEEN 1 AND 65535),
  PRIMARY KEY (log, index)
);

-- Entry bundles and tiles as C2SP tlog-tiles serves them, 256 to a row; only the last row of a level is partial.
CREATE TABLE log_entries (
  log   smallint NOT NULL REFERENCES log,
  n     bigint NOT NULL CHECK (n >= 0),
  width smallint NOT NULL CHECK (width BETWEEN 1 AND 256),
  bytes bytea NOT NULL,
  PRIMARY KEY (log, n)
);
CREATE TABLE log_tile (
  log   smallint NOT NULL REFERENCES log,
  level smallint NOT NULL CHECK (level BETWEEN 0 AND 7),
  n     bigint NOT NULL CHECK (n >= 0),
  width smallint NOT NULL CHECK (width BETWEEN 1 AND 256),
  bytes bytea NOT NULL CHECK (octet_length(bytes) = 32 * width),
  PRIMARY KEY (log, level, n)
);
-- hashes do not compress
ALTER TABLE log_entries ALTER COLUMN bytes SET STORAGE EXTERNAL;
ALTER TABLE log_tile ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- Published ones only.
CREATE TABLE log_checkpoint (
  log  smallint NOT NULL REFERENCES log,
  size bigint NOT NULL CHECK (size >= 0),
  note text NOT NULL,
  PRIMARY KEY (log, size)
);
`;

const TRIGGERS = `
CREATE FUNCTION log_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;

CREATE FUNCTION log_row_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.width <= OLD.width OR NEW.log <> OLD.log OR NEW.n <> OLD.n
     OR substring(NEW.bytes FOR octet_length(OLD.bytes)) <> OLD.bytes THEN
    RAISE EXCEPTION '% only grows', TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION log_tile_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.level <> OLD.level THEN
    RAISE EXCEPTION 'log_tile only grows';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION log_head_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.log <> OLD.log OR NEW.size < OLD.size OR (NEW.size = OLD.size AND NEW.root <> OLD.root)
     OR NEW.served_size < OLD.served_size OR NEW.published_size < OLD.published_size THEN
    RAISE EXCEPTION 'log_head only grows';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION registry_head_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.log <> OLD.log OR NEW.next < OLD.next THEN
    RAISE EXCEPTION 'registry_head only grows';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER grows BEFORE UPDATE ON log_entries FOR EACH ROW EXECUTE FUNCTION log_row_grows();
CREATE TRIGGER grows BEFORE UPDATE ON log_tile FOR EACH ROW EXECUTE FUNCTION log_row_grows();
CREATE TRIGGER stays BEFORE UPDATE ON log_tile FOR EACH ROW EXECUTE FUNCTION log_tile_stays();
CREATE TRIGGER grows BEFORE UPDATE ON log_head FOR EACH ROW EXECUTE FUNCTION log_head_grows();
CREATE TRIGGER grows BEFORE UPDATE ON registry_head FOR EACH ROW EXECUTE FUNCTION registry_head_grows();
CREATE TRIGGER final BEFORE UPDATE ON registry_entry FOR EACH ROW EXECUTE FUNCTION log_refuse();
CREATE TRIGGER final BEFORE UPDATE ON log_checkpoint FOR EACH ROW EXECUTE FUNCTION log_refuse();
`;

const APPEND_ONLY = [
  'log',
  'log_head',
  'log_entries',
  'log_tile',
  'log_checkpoint',
  'registry_head',
  'registry_entry',
];

const KEPT = APPEND_ONLY.map(
  (table) =>
    `CREATE TRIGGER kept BEFORE DELETE OR TRUNCATE ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION log_refuse();`,
).join('\n');

const GRANTS = `
GRANT INSERT ON log_pending TO relais_app;
GRANT SELECT, INSERT ON registry_entry TO relais_app;
GRANT SELECT, UPDATE (next) ON registry_head TO relais_app;
GRANT SELECT ON log, log_head, log_entries, log_tile, log_checkpoint TO relais_app;
GRANT SELECT, DELETE ON log_position TO relais_app;

GRANT SELECT, DELETE ON log_pending TO relais_sequencer;
GRANT SELECT, INSERT ON log, log_head, log_checkpoint, log_position, registry_head TO relais_sequencer;
GRANT UPDATE ON log_head TO relais_sequencer;
GRANT SELECT, INSERT, UPDATE ON log_entries, log_tile TO relais_sequencer;
GRANT SELECT ON registry_entry TO relais_sequencer;
-- how often it publishes
GRANT SELECT ON charter_version TO relais_sequencer;
`;

const DOWN = `
DROP TABLE log_checkpoint, log_tile, log_entries, registry_entry, registry_head, log_position, log_pending, log_head, log;
DROP FUNCTION log_refuse, log_row_grows, log_tile_stays, log_head_grows, registry_head_grows;
`;

export class Log1700000004000 implements MigrationInterface {
  name = 'Log1700000004000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    await runner.query(TRIGGERS);
    await runner.query(KEPT);
    await runner.query(GRANTS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
