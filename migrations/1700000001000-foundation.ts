import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The one row that names the network, the clock that every rule goes by, and what the two group roles may do
 * at all. The roles `relais_app` and `relais_sequencer` exist before: who made the three logins made them
 * too.
 */
export class Foundation1700000001000 implements MigrationInterface {
  name = 'Foundation1700000001000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      REVOKE ALL ON SCHEMA public FROM PUBLIC;
      GRANT USAGE ON SCHEMA public TO relais_app, relais_sequencer;
      -- not even a temporary table is made by whoever may not change the schema
      DO $$ BEGIN
        EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
      END $$;

      CREATE TABLE network (
        only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
        id uuid NOT NULL,
        time_zone text NOT NULL DEFAULT 'Europe/Brussels'
      );
      GRANT SELECT ON network TO relais_app, relais_sequencer;
      GRANT INSERT ON network TO relais_sequencer;

      -- Domain time. Demonstration and tests replace this function over the owner's connection.
      CREATE FUNCTION domain_now() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT now()';
      -- Today in the charter's time zone: dates in statements are days there.
      CREATE FUNCTION domain_today() RETURNS date LANGUAGE sql STABLE AS
        $$ SELECT (domain_now() AT TIME ZONE coalesce((SELECT time_zone FROM network), 'Europe/Brussels'))::date $$;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP FUNCTION domain_today();
      DROP FUNCTION domain_now();
      DROP TABLE network;
      REVOKE USAGE ON SCHEMA public FROM relais_app, relais_sequencer;
      GRANT USAGE ON SCHEMA public TO PUBLIC;
      DO $$ BEGIN
        EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO PUBLIC', current_database());
      END $$;
    `);
  }
}
