import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The rest of the state table: deadlines that pause and are extended, who answers for a transfer, what was
 * proposed instead, when content was erased and who has said so. All of it is empty for most referrals, and
 * costs nothing there.
 */
const UP = `
ALTER TABLE referral
  -- a coded stage inside the state; no date, no place
  ADD business_status text,
  -- hours that were left when the deadline was paused; NULL while it runs
  ADD paused_hours smallint,
  -- the one pause was used
  ADD pause_used boolean,
  ADD due_soon boolean,
  -- to the hour
  ADD reminded_at timestamptz,
  -- of a transfer: the receiving service answers for it
  ADD passed boolean,
  -- services that the receiving one proposes instead
  ADD redirect_to uuid[] CHECK (cardinality(redirect_to) BETWEEN 1 AND 3),
  ADD closed_on date,
  -- the day on which this server erased the content, and whether each service has said the same of its own copies
  ADD erased_on date,
  ADD source_erased boolean,
  ADD target_erased boolean;
CREATE INDEX referral_source_erases ON referral_closed (source) WHERE erased_on IS NOT NULL AND source_erased IS NULL;
CREATE INDEX referral_target_erases ON referral_closed (target) WHERE erased_on IS NOT NULL AND target_erased IS NULL;

-- what the clock still has to erase
DROP INDEX referral_keep_until;
CREATE INDEX referral_keep_until ON referral_closed (keep_until) WHERE erased_on IS NULL;

-- A wrap that was taken away leaves its hash: the digest names every wrap, and those that stay must still be checked.
ALTER TABLE handoff_wrap ALTER wrap DROP NOT NULL;
ALTER TABLE handoff_wrap ADD hash bytea CHECK (octet_length(hash) = 32);
ALTER TABLE handoff_wrap ADD CONSTRAINT handoff_wrap_or_hash CHECK (num_nonnulls(wrap, hash) = 1);

-- Envelope of kind 06: the content key, sealed by a service to a later epoch of its own.
CREATE TABLE carried_over (
  open     boolean NOT NULL,
  referral uuid NOT NULL,
  role     smallint NOT NULL CHECK (role IN (1, 2)),
  ctx      bytea NOT NULL,
  wrap     bytea NOT NULL CHECK (octet_length(wrap) = 1168),
  body     bytea NOT NULL,
  PRIMARY KEY (referral, role, open)
) PARTITION BY LIST (open);
CREATE TABLE carried_over_open PARTITION OF carried_over FOR VALUES IN (true);
CREATE TABLE carried_over_closed PARTITION OF carried_over FOR VALUES IN (false);

-- Statements outlive their referral: each says from which day its own retention counts. They come in the order of that day.
ALTER TABLE statement ADD ended_on date;
CREATE INDEX statement_ended ON statement_closed USING brin (ended_on);
CREATE INDEX referral_ended ON referral_closed USING brin (closed_on);

-- What a service has said to have erased, signed: leaves of the log, and no consent.
CREATE TABLE erasure (
  -- the leaf's key in log_position
  pending uuid PRIMARY KEY,
  service uuid NOT NULL,
  day     date NOT NULL,
  jws     text NOT NULL CHECK (octet_length(jws) <= 32768),
  opening bytea NOT NULL CHECK (octet_length(opening) = 32)
);
CREATE INDEX erasure_day ON erasure USING brin (day);

GRANT SELECT, INSERT, UPDATE, DELETE ON carried_over, carried_over_open, carried_over_closed TO relais_app;
GRANT SELECT, INSERT, DELETE ON erasure TO relais_app;
`;

const DOWN = `
DROP TABLE erasure, carried_over;
DROP INDEX referral_ended, statement_ended, referral_source_erases, referral_target_erases;
ALTER TABLE statement DROP ended_on;
DELETE FROM handoff_wrap WHERE wrap IS NULL;
ALTER TABLE handoff_wrap DROP hash;
ALTER TABLE handoff_wrap ALTER wrap SET NOT NULL;
DROP INDEX referral_keep_until;
CREATE INDEX referral_keep_until ON referral_closed (keep_until);
ALTER TABLE referral DROP business_status, DROP paused_hours, DROP pause_used, DROP due_soon, DROP reminded_at,
  DROP passed, DROP redirect_to, DROP closed_on, DROP erased_on, DROP source_erased, DROP target_erased;
`;

export class Acts1700000009000 implements MigrationInterface {
  name = 'Acts1700000009000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
