import pg from 'pg';
import { connectionOptions, type DatabaseUrls } from '../../src/database/index.js';

/** Every column value of every row, as text, with its table and column. */
export async function dumpValues(
  urls: DatabaseUrls,
): Promise<{ table: string; column: string; value: string }[]> {
  const client = new pg.Client(connectionOptions(urls.owner));
  await client.connect();
  try {
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
  } finally {
    await client.end();
  }
}
