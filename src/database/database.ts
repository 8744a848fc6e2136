import pg from 'pg';
import type { DatabaseUrls } from './embedded.js';

/** Connections for a process: few, so that several replicas fit under PostgreSQL's limit. */
const APPLICATION_CONNECTIONS = 10;
const SEQUENCER_CONNECTIONS = 3;
const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 10_000;

const DATE = 1082;

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

/** Runs `act` in one transaction: all of it or nothing, also when this process is killed. No network inside. */
export async function transaction<T>(pool: pg.Pool, act: (tx: pg.PoolClient) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptTransaction(pool, act);
    } catch (error) {
      if (attempt === ATTEMPTS || !TRY_AGAIN.has((error as { code?: string }).code ?? '')) throw error;
    }
  }
}

async function attemptTransaction<T>(pool: pg.Pool, act: (tx: pg.PoolClient) => Promise<T>): Promise<T> {
  const tx = await pool.connect();
  let broken: Error | undefined;
  try {
    await tx.query('BEGIN');
    const result = await act(tx);
    await tx.query('COMMIT');
    return result;
  } catch (error) {
    broken = await rollback(tx);
    throw error;
  } finally {
    tx.release(broken);
  }
}

/** A connection that cannot even roll back is thrown away, not handed to the next. */
async function rollback(tx: pg.PoolClient): Promise<Error | undefined> {
  try {
    await tx.query('ROLLBACK');
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

/** Dates come as `YYYY-MM-DD`: a day has no time and no zone. Whole numbers of 64 bits come as text. */
function makePool(url: string, max: number): pg.Pool {
  const pool = new pg.Pool({
    ...connectionOptions(url),
    max,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    types: { getTypeParser },
  });
  // An idle connection that breaks is replaced at its next use; without a listener it would end the process.
  pool.on('error', () => undefined);
  return pool;
}

function getTypeParser(oid: number, format?: 'text' | 'binary'): unknown {
  return oid === DATE ? (text: string) => text : pg.types.getTypeParser(oid, format as 'text');
}

/** TLS with a verified certificate, unless the server is on this machine. */
export function connectionOptions(url: string): pg.ClientConfig {
  const { hostname, searchParams } = new URL(url);
  const socket = searchParams.get('host')?.startsWith('/') ?? false;
  const isHere = socket || ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return { connectionString: url, ...(isHere ? {} : { ssl: { rejectUnauthorized: true } }) };
}
