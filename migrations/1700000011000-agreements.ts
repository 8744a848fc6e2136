import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The words of agreements. Who agreed to what, and until when, stands in the registry; it holds the hash of
 * the text, and the text itself is for the parties.
 */
export class Agreements1700000011000 implements MigrationInterface {
  name = 'Agreements1700000011000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE agreement_text (
        agreement uuid PRIMARY KEY,
        text_hash bytea NOT NULL CHECK (octet_length(text_hash) = 32),
        -- verbatim: these bytes are what the parties' signatures are for
        text      text NOT NULL CHECK (octet_length(text) <= 65536)
      );
      GRANT SELECT, INSERT ON agreement_text TO relais_app;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE agreement_text');
  }
}
