import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Members, their services, keys and devices.
 *
 * organisation, coordinator_key, service, service_key and charter_version are an index over the registry log:
 * the log is the truth, every row here is written in the transaction that appends the entry it comes from,
 * and could be made again from the log. service.status is the one exception: whether a service takes new
 * referrals today is nobody's key.
 *
 * device, invitation and key_grant are *not* in the registry: they say how an organisation is staffed, and
 * nobody outside needs to know that. They hold pseudonyms and public halves of keys, no name, and no time
 * finer than a day (an invitation's end, which lies within 24 hours, excepted).
 */
const UP = `
CREATE TABLE organisation (
  id             uuid PRIMARY KEY,
  name           text NOT NULL CHECK (length(name) BETWEEN 1 AND 512),
  -- raw Ed25519 root key, and its RFC 7638 thumbprint
  key            bytea NOT NULL CHECK (octet_length(key) = 32),
  kid            text NOT NULL UNIQUE CHECK (length(kid) = 43),
  status         text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended', 'left')),
  registry_index bigint NOT NULL UNIQUE CHECK (registry_index >= 0)
);

CREATE TABLE coordinator_key (
  kid            text PRIMARY KEY CHECK (length(kid) = 43),
  organisation   uuid NOT NULL REFERENCES organisation,
  key            bytea NOT NULL CHECK (octet_length(key) = 32),
  valid_from     date NOT NULL,
  valid_until    date NOT NULL CHECK (valid_until >= valid_from),
  registry_index bigint NOT NULL UNIQUE CHECK (registry_index >= 0),
  -- index of the revocation's entry, and from when it holds; both or neither
  revoked_index  bigint,
  revoked_from   date,
  CHECK ((revoked_index IS NULL) = (revoked_from IS NULL))
);
CREATE INDEX coordinator_key_organisation ON coordinator_key (organisation);

CREATE TABLE service (
  id           uuid PRIMARY KEY,
  organisation uuid NOT NULL REFERENCES organisation,
  name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 512),
  status       text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'closed'))
);
CREATE INDEX service_organisation ON service (organisation);
-- the order of the plain list
CREATE INDEX service_by_name ON service (name COLLATE "C", id);

CREATE TABLE service_key (
  kid            text PRIMARY KEY CHECK (length(kid) = 43),
  service        uuid NOT NULL REFERENCES service,
  organisation   uuid NOT NULL REFERENCES organisation,
  epoch          text NOT NULL CHECK (length(epoch) BETWEEN 9 AND 16),
  -- X-Wing: id and public key
  box_id         bytea NOT NULL UNIQUE CHECK (octet_length(box_id) = 32),
  box            bytea NOT NULL CHECK (octet_length(box) = 1216),
  -- raw Ed25519
  key            bytea NOT NULL CHECK (octet_length(key) = 32),
  valid_from     date NOT NULL,
  valid_until    date NOT NULL CHECK (valid_until >= valid_from),
  -- SHA-256 of the entry's text: what the service's next key names as its previous
  entry_hash     bytea NOT NULL UNIQUE CHECK (octet_length(entry_hash) = 32),
  registry_index bigint NOT NULL UNIQUE CHECK (registry_index >= 0),
  revoked_index  bigint,
  revoked_from   date,
  UNIQUE (service, epoch),
  CHECK ((revoked_index IS NULL) = (revoked_from IS NULL))
);

CREATE TABLE charter_version (
  version    integer PRIMARY KEY CHECK (version > 0),
  -- verbatim: these bytes are what the signatures' hash is of
  text       text NOT NULL CHECK (octet_length(text) <= 262144),
  text_hash  bytea NOT NULL CHECK (octet_length(text_hash) = 32),
  valid_from date NOT NULL,
  signatures text[] NOT NULL CHECK (cardinality(signatures) > 0)
);

CREATE TABLE device (
  -- the random pseudonym of the certificate, which is also the OAuth client_id
  id              uuid PRIMARY KEY,
  organisation    uuid NOT NULL REFERENCES organisation,
  role            text NOT NULL CHECK (role IN ('worker', 'coordinator', 'auditor', 'observer')),
  services        uuid[] NOT NULL CHECK (cardinality(services) <= 256),
  -- a key that authenticates two devices could answer for either: one row per key
  auth_thumbprint text NOT NULL UNIQUE CHECK (length(auth_thumbprint) = 43),
  auth_jwk        jsonb NOT NULL,
  sign_key        bytea NOT NULL UNIQUE CHECK (octet_length(sign_key) = 32),
  box_id          bytea NOT NULL UNIQUE CHECK (octet_length(box_id) = 32),
  box             bytea NOT NULL CHECK (octet_length(box) = 1216),
  valid_from      date NOT NULL,
  valid_until     date NOT NULL CHECK (valid_until >= valid_from AND valid_until - valid_from < 180),
  certificate     text NOT NULL CHECK (octet_length(certificate) <= 16384),
  -- NULL as long as the device may speak; the day from which the revocation counts, afterwards
  revoked         date,
  revocation      text CHECK (octet_length(revocation) <= 16384),
  CHECK ((revoked IS NULL) = (revocation IS NULL))
);
CREATE INDEX device_organisation ON device (organisation, id);

CREATE TABLE invitation (
  -- thumbprint and raw key of the code's sign key; the code itself never comes here
  kid          text PRIMARY KEY CHECK (length(kid) = 43),
  key          bytea NOT NULL CHECK (octet_length(key) = 32),
  organisation uuid NOT NULL REFERENCES organisation,
  role         text NOT NULL CHECK (role IN ('worker', 'coordinator', 'auditor', 'observer')),
  services     uuid[] NOT NULL CHECK (cardinality(services) <= 256),
  expires_at   timestamptz NOT NULL,
  -- sealed under the code
  welcome      bytea NOT NULL CHECK (octet_length(welcome) <= 32768),
  request      text CHECK (octet_length(request) <= 16384),
  device       uuid UNIQUE REFERENCES device DEFERRABLE INITIALLY DEFERRED,
  CHECK (device IS NULL OR request IS NOT NULL)
);
CREATE INDEX invitation_organisation ON invitation (organisation, expires_at);

CREATE TABLE key_grant (
  service       uuid NOT NULL REFERENCES service,
  epoch         text NOT NULL,
  -- of a device of the same organisation, or of its paper key
  device_box_id bytea NOT NULL CHECK (octet_length(device_box_id) = 32),
  jws           text NOT NULL CHECK (octet_length(jws) <= 16384),
  PRIMARY KEY (device_box_id, service, epoch),
  FOREIGN KEY (service, epoch) REFERENCES service_key (service, epoch)
);

-- The application may add to the index and mark what the registry marks; it may not change or drop a key.
GRANT SELECT, INSERT ON organisation, coordinator_key, service, service_key, charter_version, device, invitation, key_grant
  TO relais_app;
GRANT UPDATE (status) ON organisation TO relais_app;
GRANT UPDATE (name, status) ON service TO relais_app;
GRANT UPDATE (revoked_index, revoked_from) ON coordinator_key, service_key TO relais_app;
GRANT UPDATE (revoked, revocation) ON device TO relais_app;
GRANT UPDATE (request, device), DELETE ON invitation TO relais_app;
GRANT UPDATE (jws), DELETE ON key_grant TO relais_app;
-- the founders' charter says in which zone days are counted
GRANT UPDATE (time_zone) ON network TO relais_app;
`;

const DOWN = `
REVOKE UPDATE (time_zone) ON network FROM relais_app;
DROP TABLE key_grant, invitation, device, charter_version, service_key, service, coordinator_key, organisation;
`;

export class Organisations1700000003000 implements MigrationInterface {
  name = 'Organisations1700000003000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
