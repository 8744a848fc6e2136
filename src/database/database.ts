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

/**
 * Named statements are planned once for all values: no planning on hot paths, and no plan that old counts
 * lead astray. Such a plan may have been made while its tables were empty, and is kept when they are full. So
 * a statement has a name only where a key bounds what it touches; what takes a whole set, as jobs do, has
 * none and is planned each time.
 */
const PLANNED_ONCE = '-c plan_cache_mode=force_generic_plan';
/**
 * The sequencer takes whole sets, out of tables that are empty most of the time: nothing of its is planned
 * but for now.
 */
const PLANNED_EACH_TIME = '-c plan_cache_mode=force_custom_plan';

/** The two logins that a running server uses. */
export class Database {
  readonly app: pg.Pool;
  readonly sequencer: pg.Pool;
  /** Looks at each new connection of the application before it is used, and refuses it by throwing. */
  admit: (client: pg.ClientBase) => Promise<void> = () => Promise.resolve();

  constructor(urls: Pick<DatabaseUrls, 'application' | 'sequencer'>) {
    const verify: pg.PoolConfig['verify'] = (client, done) => {
      this.admit(client).then(() => done(), done);
    };
    this.app = makePool(urls.application, APPLICATION_CONNECTIONS, { options: PLANNED_ONCE, verify });
    this.sequencer = makePool(urls.sequencer, SEQUENCER_CONNECTIONS, { options: PLANNED_EACH_TIME });
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

/**
 * Runs `act` in one transaction: all of it or nothing, also when this process is killed. No network inside.
 * `act` is run again when PostgreSQL undid it for another's sake, so it changes nothing but the database. It
 * is not begun, and not committed, once nobody waits for it any more: whoever went away takes it as not done.
 */
export async function transaction<T>(
  pool: pg.Pool,
  act: (tx: pg.PoolClient) => Promise<T>,
  gone?: AbortSignal,
): Promise<T> {
  return again(() => attemptTransaction(pool, act, gone));
}

/**
 * One statement that is a whole act: a transaction by itself, in one round trip, and run again as
 * `transaction` is. It is not begun once nobody waits for it any more, and broken off where it has begun.
 */
export async function statement<T extends pg.QueryResultRow>(
  pool: pg.Pool,
  query: pg.QueryConfig,
  gone: AbortSignal,
): Promise<T[]> {
  return again(() => attemptStatement<T>(pool, query, gone));
}

async function again<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (attempt === ATTEMPTS || !TRY_AGAIN.has((error as { code?: string }).code ?? '')) throw error;
    }
  }
}

async function attemptTransaction<T>(
  pool: pg.Pool,
  act: (tx: pg.PoolClient) => Promise<T>,
  gone: AbortSignal | undefined,
): Promise<T> {
  const tx = await pool.connect();
  let broken: Error | undefined;
  try {
    gone?.throwIfAborted();
    await tx.query('BEGIN');
    const result = await act(tx);
    gone?.throwIfAborted();
    await tx.query('COMMIT');
    return result;
  } catch (error) {
    broken = await rollback(tx);
    throw error;
  } finally {
    tx.release(broken);
  }
}

async function attemptStatement<T extends pg.QueryResultRow>(
  pool: pg.Pool,
  query: pg.QueryConfig,
  gone: AbortSignal,
): Promise<T[]> {
  const tx = await pool.connect();
  let breakingOff: Promise<unknown> | undefined;
  let broken: Error | undefined;
  const breakOff = (): void => {
    breakingOff = pool.query('SELECT pg_cancel_backend($1)', [processOf(tx)]).catch(() => undefined);
  };
  try {
    gone.throwIfAborted();
    gone.addEventListener('abort', breakOff);
    return (await tx.query<T>(query)).rows;
  } catch (error) {
    // what PostgreSQL itself refused leaves the connection as good as it was
    if (!(error instanceof pg.DatabaseError)) broken = error as Error;
    throw error;
  } finally {
    gone.removeEventListener('abort', breakOff);
    // not before it has struck: the connection's next statement is another's
    await breakingOff;
    tx.release(broken);
  }
}

/** The backend's process id, which the driver keeps and its types do not name. */
function processOf(client: pg.PoolClient): number | null {
  return (client as { readonly processID?: number }).processID ?? null;
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
 * Dates come as `YYYY-MM-DD`: a day has no time and no zone. Whole numbers of 64 bits come as text:
 * `BigInt(row.size)`. Instants come as Date.
 */
function makePool(url: string, max: number, own: Pick<pg.PoolConfig, 'options' | 'verify'>): pg.Pool {
  const pool = new pg.Pool({ ...connectionOptions(url), ...LIMITS, ...own, max, types });
  // A connection that breaks is replaced at its next use; without a listener it would end the process. The
  // pool listens to idle ones only, and its own event says the same again.
  pool.on('connect', (client) => client.on('error', () => undefined));
  pool.on('error', () => undefined);
  return pool;
}

const asText = (text: string): string => text;
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    (oid === pg.types.builtins.DATE ? asText : pg.types.getTypeParser(oid, format)) as unknown,
};
