import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A second code opens the receipt's keys, which are sealed to it. Every send can carry one, and those that
 * nobody holds cannot be told from the others: whether somebody has a guardian is not to be seen here.
 */
const UP = `
CREATE TABLE second_code (
  -- thumbprint of the second code's sign key
  kid      text PRIMARY KEY CHECK (length(kid) = 43),
  referral uuid NOT NULL UNIQUE,
  sealed   bytea NOT NULL CHECK (octet_length(sealed) = 1232)
);
ALTER TABLE second_code ALTER sealed SET STORAGE EXTERNAL;
GRANT SELECT, INSERT, DELETE ON second_code TO relais_app;
`;

export class SecondCodes1700000014000 implements MigrationInterface {
  name = 'SecondCodes1700000014000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE second_code');
  }
}
