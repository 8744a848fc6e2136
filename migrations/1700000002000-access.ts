import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What lets a device in, for minutes; what must not happen twice, for as long as it could be tried. */
export class Access1700000002000 implements MigrationInterface {
  name = 'Access1700000002000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Tokens are stored as hashes only; each is bound to the key that its proof showed. A crash ends them all.
      CREATE UNLOGGED TABLE access_token (
        hash bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
        device uuid NOT NULL,
        thumbprint text NOT NULL,
        expires_at timestamptz NOT NULL
      );
      CREATE INDEX access_token_expires_at ON access_token (expires_at);

      -- SHA-256(thumbprint, kind, jti) of proofs seen.
      CREATE UNLOGGED TABLE proof_replay (
        key bytea PRIMARY KEY CHECK (octet_length(key) = 32),
        seen_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX proof_replay_seen_at ON proof_replay USING brin (seen_at);

      -- The same of client assertions, which have no nonce: logged, a crash forgets none of them.
      CREATE TABLE assertion_replay (
        key bytea PRIMARY KEY CHECK (octet_length(key) = 32),
        seen_at timestamptz NOT NULL DEFAULT now()
      );

      -- What nonces are made of lives and dies with the memory of proofs: a crash that forgets which were seen makes every
      -- nonce stale, so that none of them can be shown again.
      CREATE UNLOGGED TABLE nonce_salt (
        one boolean PRIMARY KEY DEFAULT true CHECK (one),
        salt bytea NOT NULL CHECK (octet_length(salt) = 16)
      );

      -- Answers given, by the hash of who asked what under which key.
      CREATE TABLE idempotency (
        key bytea PRIMARY KEY CHECK (octet_length(key) = 32),
        request bytea NOT NULL CHECK (octet_length(request) = 32),
        answer text NOT NULL,
        answered_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX idempotency_answered_at ON idempotency USING brin (answered_at);

      GRANT SELECT, INSERT, DELETE ON access_token, proof_replay, assertion_replay, idempotency TO relais_app;
      GRANT SELECT, INSERT ON nonce_salt TO relais_app;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE idempotency, nonce_salt, assertion_replay, proof_replay, access_token');
  }
}
