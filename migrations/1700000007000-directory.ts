import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What services publish of themselves, and places that are held. All of service_profile and service_capacity
 * is public; place_hold says of whom a place is held no more than that somebody knows a token. Nothing here
 * is about a person.
 */
const UP = `
-- when name or status last changed, for those who copy the directory
ALTER TABLE service ADD modified timestamptz NOT NULL DEFAULT date_trunc('second', domain_now());
CREATE FUNCTION service_modified() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.modified := date_trunc('second', domain_now());
  RETURN NEW;
END $$;
CREATE TRIGGER modified BEFORE UPDATE ON service FOR EACH ROW
  WHEN (OLD.name IS DISTINCT FROM NEW.name OR OLD.status IS DISTINCT FROM NEW.status)
  EXECUTE FUNCTION service_modified();

CREATE TABLE service_profile (
  service   uuid PRIMARY KEY REFERENCES service,
  -- JSON as it was published; a redacted location has no address in it
  profile   text NOT NULL CHECK (octet_length(profile) <= 65536),
  published timestamptz NOT NULL,
  -- taken from the profile, for the search
  keys      text[] NOT NULL CHECK (cardinality(keys) <= 1000),
  area      text[] NOT NULL CHECK (cardinality(area) <= 300),
  hours     jsonb NOT NULL
);

-- A page of a search reads so many rows from here, and never more, however many services there are.
CREATE TABLE service_search (
  key     text NOT NULL CHECK (length(key) BETWEEN 1 AND 80),
  service uuid NOT NULL REFERENCES service_profile,
  PRIMARY KEY (key, service)
);
CREATE INDEX service_search_service ON service_search (service);

CREATE TABLE service_capacity (
  service   uuid PRIMARY KEY REFERENCES service,
  unit      text NOT NULL CHECK (length(unit) BETWEEN 1 AND 64),
  available integer NOT NULL CHECK (available BETWEEN 0 AND 100000),
  maximum   integer CHECK (maximum BETWEEN 0 AND 100000),
  waiting   integer CHECK (waiting BETWEEN 0 AND 100000),
  -- number of rows in place_hold: what is free is available less held
  held      integer NOT NULL DEFAULT 0 CHECK (held >= 0),
  updated   timestamptz NOT NULL
);

CREATE TABLE place_hold (
  -- SHA-256 of a token that only whoever holds the place knows
  token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
  service    uuid NOT NULL REFERENCES service_capacity,
  -- to the hour
  until      timestamptz NOT NULL
);
CREATE INDEX place_hold_until ON place_hold (until);
CREATE INDEX place_hold_service ON place_hold (service, until);

-- One number that rises with every change of what the directory shows: copies in memory are compared by it. It is raised
-- at the commit, as the last row that a transaction touches, so that nobody waits in a circle.
CREATE TABLE directory_version (
  one     boolean PRIMARY KEY DEFAULT true CHECK (one),
  version bigint NOT NULL
);
INSERT INTO directory_version (version) VALUES (0);
CREATE FUNCTION directory_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE directory_version SET version = version + 1;
  RETURN NULL;
END $$;
${['organisation', 'service', 'service_profile', 'service_capacity'].map(triggersOn).join('')}

GRANT SELECT, INSERT ON service_profile, service_capacity TO relais_app;
GRANT UPDATE (profile, published, keys, area, hours) ON service_profile TO relais_app;
GRANT UPDATE (unit, available, maximum, waiting, held, updated) ON service_capacity TO relais_app;
GRANT SELECT, INSERT, DELETE ON service_search, place_hold TO relais_app;
GRANT UPDATE (until) ON place_hold TO relais_app;
GRANT SELECT, UPDATE (version) ON directory_version TO relais_app;
`;

function triggersOn(table: string): string {
  const trigger = (event: string, when: string): string =>
    `CREATE CONSTRAINT TRIGGER directory_${event.toLowerCase()} AFTER ${event} ON ${table}
       DEFERRABLE INITIALLY DEFERRED FOR EACH ROW ${when} EXECUTE FUNCTION directory_changed();\n`;
  return trigger('INSERT', '') + trigger('UPDATE', 'WHEN (OLD.* IS DISTINCT FROM NEW.*)');
}

const DOWN = `
DROP TABLE place_hold, service_capacity, service_search, service_profile;
DROP TRIGGER directory_insert ON service;
DROP TRIGGER directory_update ON service;
DROP TRIGGER directory_insert ON organisation;
DROP TRIGGER directory_update ON organisation;
DROP FUNCTION directory_changed;
DROP TABLE directory_version;
DROP TRIGGER modified ON service;
DROP FUNCTION service_modified;
ALTER TABLE service DROP COLUMN modified;
`;

export class Directory1700000007000 implements MigrationInterface {
  name = 'Directory1700000007000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
