import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A certificate is renewed in its place: the same device with the same keys, and other days. */
export class Renewal1700000006000 implements MigrationInterface {
  name = 'Renewal1700000006000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('GRANT UPDATE (valid_from, valid_until, certificate) ON device TO relais_app');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('REVOKE UPDATE (valid_from, valid_until, certificate) ON device FROM relais_app');
  }
}
