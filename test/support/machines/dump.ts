import pg from 'pg';
import { connectionOptions, type DatabaseUrls } from '../../../src/database/index.js';

/** Written by jobs at times of their own, or remembered of every request that proves something. */
const WRITTEN_ANYWAY =
  /^(log_(head|entries|tile|checkpoint|witnessed|position|pending)|(proof|assertion)_replay|access_token|erased)$/;

/** Every column value of every row, as text, with its table and column. */
export async function dumpValues(
  urls: DatabaseUrls,
): Promise<{ table: string; column: string; value: string }[]> {
  return withOwner(urls, async (client) => {
    const { rows: columns } = await client.query<{ table: string; column: string }>(
      `SELECT c.table_name AS table, c.column_name AS column FROM information_schema.columns c
       JOIN pg_class k ON k.relname = c.table_name AND k.relkind = 'r'
       WHERE c.table_schema = 'public'`,
    );
    const values: { table: string; column: string; value: string }[] = [];
    for (const { table, column } of columns) {
      const { rows } = await client.query<{ value: string | null }>(
        `SELECT "${column}"::text AS value FROM "${table}"`,
      );
      for (const { value } of rows) if (value !== null) values.push({ table, column, value });
    }
    return values;
  });
}

const PRINT = "count(*) || ' rows ' || coalesce(md5(string_agg(t::text, E'\\n' ORDER BY t::text)), '')";

/**
 * A hash of all rows of each table: what differs between two of them was stored, changed or erased in
 * between.
 */
export async function fingerprint(urls: DatabaseUrls): Promise<Record<string, string>> {
  return withOwner(urls, async (client) => {
    const { rows: tables } = await client.query<{ name: string }>(
      "SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
    );
    const selects = tables
      .filter(({ name }) => !WRITTEN_ANYWAY.test(name))
      .map(({ name }) => `SELECT '${name}' AS name, ${PRINT} AS print FROM "${name}" t`);
    const { rows } = await client.query<{ name: string; print: string }>(selects.join(' UNION ALL '));
    return Object.fromEntries(rows.map(({ name, print }) => [name, print]));
  });
}

async function withOwner<T>(urls: DatabaseUrls, read: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(connectionOptions(urls.owner));
  await client.connect();
  try {
    return await read(client);
  } finally {
    await client.end();
  }
}
