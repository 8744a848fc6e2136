import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * How many devices, invitations and open referrals an organisation has, counted through an index and no
 * further than the charter allows; and lists that are read page by page.
 */
const UP = `
CREATE INDEX device_living ON device (organisation, valid_until) WHERE revoked IS NULL;
CREATE INDEX device_revoked ON device (organisation, revoked) WHERE revoked IS NOT NULL;

CREATE FUNCTION open_referrals(of_organisation uuid, most integer) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT coalesce(sum((
    SELECT count(*) FROM (SELECT FROM referral_open r WHERE r.source = s.id LIMIT most) counted
  )), 0)::bigint FROM service s WHERE s.organisation = of_organisation
$$;

-- Far from the limit nobody waits: no more sends than the database takes connections can be under way. Near it they take turns,
-- and each statement in here sees what was committed before it: of two at once for the last place one has it.
CREATE FUNCTION has_room_for_referral(of_service uuid, most integer) RETURNS boolean LANGUAGE plpgsql VOLATILE
SET enable_seqscan TO off AS $$
DECLARE
  owner uuid;
BEGIN
  SELECT s.organisation INTO owner FROM service s WHERE s.id = of_service;
  IF open_referrals(owner, most) + current_setting('max_connections')::integer < most THEN
    RETURN true;
  END IF;
  PERFORM FROM organisation o WHERE o.id = owner FOR NO KEY UPDATE;
  RETURN open_referrals(owner, most) < most;
END $$;
`;

const DOWN = `
DROP FUNCTION has_room_for_referral, open_referrals;
DROP INDEX device_revoked, device_living;
`;

export class Quotas1700000020000 implements MigrationInterface {
  readonly name = 'Quotas1700000020000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
