import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Proofs seen are remembered by the process whose nonce they carry, and nowhere else. */
export class ProofsInMemory1700000019000 implements MigrationInterface {
  name = 'ProofsInMemory1700000019000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE proof_replay, nonce_salt');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE UNLOGGED TABLE proof_replay (
        key bytea PRIMARY KEY CHECK (octet_length(key) = 32),
        seen_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX proof_replay_seen_at ON proof_replay USING brin (seen_at);
      CREATE UNLOGGED TABLE nonce_salt (
        one boolean PRIMARY KEY DEFAULT true CHECK (one),
        salt bytea NOT NULL CHECK (octet_length(salt) = 16)
      );
      GRANT SELECT, INSERT, DELETE ON proof_replay TO relais_app;
      GRANT SELECT, INSERT ON nonce_salt TO relais_app;
    `);
  }
}
