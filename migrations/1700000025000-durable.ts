import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What a database knows of its own state: that it is older than what was signed, until it is restored openly;
 * and whose content lies on damaged pages, so that it is still to be erased. The mark lies in the database
 * that it speaks of: whoever puts the right one in its place has nothing else to undo, and every replica sees
 * it.
 */
const UP = `
ALTER TABLE network ADD behind boolean NOT NULL DEFAULT false;
GRANT UPDATE (behind) ON network TO relais_sequencer;

CREATE TABLE damaged (referral uuid PRIMARY KEY);
GRANT SELECT, INSERT, DELETE ON damaged TO relais_app;

-- Erases what can be erased of a referral's content: each table by itself, so that a damaged page of one keeps nobody from
-- withdrawing, and the rest goes. What could not be read is noted, and tried again later. True where all of it is gone.
CREATE FUNCTION erase_readable(erased uuid) RETURNS boolean LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  part text;
  whole boolean := true;
BEGIN
  FOREACH part IN ARRAY ARRAY['handoff_wrap', 'carried_over', 'message', 'attachment', 'handoff'] LOOP
    BEGIN
      EXECUTE format('DELETE FROM %I WHERE referral = $1', part) USING erased;
    EXCEPTION WHEN data_corrupted OR index_corrupted OR internal_error THEN
      whole := false;
    END;
  END LOOP;
  IF whole THEN
    DELETE FROM damaged WHERE referral = erased;
  ELSE
    INSERT INTO damaged (referral) VALUES (erased) ON CONFLICT DO NOTHING;
  END IF;
  RETURN whole;
END $$;

-- The rows of a table that can be read to their last byte, for a backup of a database with damaged pages. A page is looked at
-- as a whole first, and row by row only where that fails; of a page that cannot be read nobody knows how many rows it has.
CREATE FUNCTION readable_rows(of regclass) RETURNS TABLE (place tid, whole boolean) LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  readable constant text := format('SELECT array_agg(ctid) FROM %s AS t WHERE ctid >= $1 AND ctid < $2 AND octet_length(t::text) > 0', of);
  last constant bigint := pg_relation_size(of) / current_setting('block_size')::bigint - 1;
  places tid[];
BEGIN
  FOR page IN 0 .. last LOOP
    BEGIN
      EXECUTE readable INTO places USING format('(%s,0)', page)::tid, format('(%s,0)', page + 1)::tid;
      RETURN QUERY SELECT unnest(places), true;
    EXCEPTION WHEN data_corrupted OR index_corrupted OR internal_error THEN
      FOR number IN 1 .. 300 LOOP
        BEGIN
          EXECUTE readable INTO places USING format('(%s,%s)', page, number)::tid, format('(%s,%s)', page, number + 1)::tid;
          RETURN QUERY SELECT unnest(places), true;
        EXCEPTION WHEN data_corrupted OR index_corrupted OR internal_error THEN
          RETURN QUERY SELECT format('(%s,%s)', page, number)::tid, false;
        END;
      END LOOP;
    END;
  END LOOP;
END $$;
`;

const DOWN = `
DROP FUNCTION readable_rows, erase_readable;
DROP TABLE damaged;
ALTER TABLE network DROP behind;
`;

export class Durable1700000025000 implements MigrationInterface {
  name = 'Durable1700000025000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
