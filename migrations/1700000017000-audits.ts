import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Samples that auditors draw out of the consent log, and the holders' answers, sealed to the auditor who
 * asked. An opening is nowhere here.
 */
const UP = `
CREATE TABLE audit (
  id      uuid PRIMARY KEY,
  -- the device that asks, to which every answer is sealed
  auditor uuid NOT NULL REFERENCES device,
  nonce   bytea NOT NULL CHECK (octet_length(nonce) = 32),
  log     smallint NOT NULL REFERENCES log,
  size    bigint NOT NULL,
  count   smallint NOT NULL CHECK (count BETWEEN 1 AND 299),
  -- last day on which it is answered
  until   date NOT NULL
);
CREATE INDEX audit_auditor ON audit (auditor);

CREATE TABLE audit_sample (
  audit    uuid NOT NULL REFERENCES audit ON DELETE CASCADE,
  index    bigint NOT NULL,
  -- who can answer: both services of a referral, each for itself, or the one whose word on erasures it is
  service  uuid NOT NULL,
  referral uuid,
  erasure  uuid,
  -- envelope of kind 05; null while nobody has answered
  ctx      bytea,
  wrap     bytea CHECK (octet_length(wrap) = 1168),
  body     bytea,
  PRIMARY KEY (audit, index, service),
  CHECK (num_nonnulls(referral, erasure) = 1),
  CHECK (num_nonnulls(ctx, wrap, body) IN (0, 3))
);
CREATE INDEX audit_sample_open ON audit_sample (service) WHERE ctx IS NULL;
ALTER TABLE audit_sample ALTER body SET STORAGE EXTERNAL;

-- places come in the order of the log, so the few that a sample asks for are found without an index of every row
CREATE INDEX log_position_place ON log_position USING brin (index);

GRANT SELECT, INSERT, DELETE ON audit TO relais_app;
GRANT SELECT, INSERT, UPDATE (ctx, wrap, body), DELETE ON audit_sample TO relais_app;
`;

export class Audits1700000017000 implements MigrationInterface {
  name = 'Audits1700000017000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX log_position_place; DROP TABLE audit_sample, audit');
  }
}
