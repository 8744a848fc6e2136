import pg from 'pg';
import { connectionOptions } from './connection.js';
import type { DatabaseUrls } from './logins.js';

/** Connections for a process: few, so that several replicas fit under PostgreSQL's limit. */
const APPLICATION_CONNECTIONS = 10;
const SEQUENCER_CONNECTIONS = 3;
const LIMITS = {
  statement_timeout: 10_000,
  idle_in_transaction_session_timeout: 30_000,
  // for a database that does not answer at all, not even that it is too late
  query_timeout: 15_000,
};

/** The two logins that a running server uses. */
export class Database {
  readonly app: pg.Pool;
  readonly sequencer: pg.Pool;

  constructor(urls: Pick<DatabaseUrls, 'application' | 'sequencer'>) {
    this.app = makePool(urls.application, APPLICATION_CONNECTIONS);
    this.sequencer = makePool(urls.sequencer, SEQUENCER_CONNECTIONS);
  }

  async close(): Promise<void> {
    await Promise.all([this.app.end(), this.sequencer.end()]);
  }
}

/** A row moved to another partition, or a deadlock: nothing was done, and doing it again decides the race. */
const TRY_AGAIN = new Set(['40001', '40P01']);
const ATTEMPTS = 5;

/** A rollback that takes longer is left to PostgreSQL, which does it when the connection is closed. */
const ROLLBACK = { text: 'ROLLBACK', query_timeout: 1_000 };

/** Whether somebody still waits for the answer. */
export type IsWanted = () => boolean;

/**
 * Runs `act` in one transaction: all of it or nothing, also when this process is killed. No network inside. `act` is run
 * again when PostgreSQL undid it for another's sake, so it changes nothing but the database. It is not begun, and not
 * committed, when nobody waits for it any more: whoever went away takes it as not done.
 */
export async function transaction<T>(
  pool: pg.Pool,
  act: (tx: pg.PoolClient) => Promise<T>,
  isWanted: IsWanted = () => true,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptTransaction(pool, act, isWanted);
    } catch (error) {
      if (attempt === ATTEMPTS || !TRY_AGAIN.has((error as { code?: string }).code ?? '')) throw error;
    }
  }
}

async function attemptTransaction<T>(
  pool: pg.Pool,
  act: (tx: pg.PoolClient) => Promise<T>,
  isWanted: IsWanted,
): Promise<T> {
  const tx = await pool.connect();
  let broken: Error | undefined;
  try {
    requireWanted(isWanted);
    await tx.query('BEGIN');
    const result = await act(tx);
    requireWanted(isWanted);
    await tx.query('COMMIT');
    return result;
  } catch (error) {
    broken = await rollback(tx);
    throw error;
  } finally {
    tx.release(broken);
  }
}

function requireWanted(isWanted: IsWanted): void {
  if (!isWanted()) throw new Error('nobody waits for this transaction any more');
}

/** A connection that cannot even roll back is thrown away, not handed to the next. */
async function rollback(tx: pg.PoolClient): Promise<Error | undefined> {
  try {
    await tx.query(ROLLBACK);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

/**
 * Dates come as `YYYY-MM-DD`: a day has no time and no zone. Whole numbers of 64 bits come as text: `BigInt(row.size)`.
 * Instants come as Date.
 */
function makePool(url: string, max: number): pg.Pool {
  const pool = new pg.Pool({ ...connectionOptions(url), ...LIMITS, max, types });
  // A connection that breaks is replaced at its next use; without a listener it would end the process. The pool listens
  // to idle ones only, and its own event says the same again.
  pool.on('connect', (client) => client.on('error', () => undefined));
  pool.on('error', () => undefined);
  return pool;
}

const asText = (text: string): string => text;
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    (oid === pg.types.builtins.DATE ? asText : pg.types.getTypeParser(oid, format)) as unknown,
};
