import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { asOwner, givenDatabase } from '../support/machines/database.js';

/**
 * Promise of the data map: no column that nobody has accounted for, and none accounted for that is not there.
 */
describe('docs/data-map.md', () => {
  let columns: string[];

  beforeAll(async () => {
    const urls = await givenDatabase();
    const rows = await asOwner<{ name: string }>(
      urls,
      `SELECT c.table_name || '.' || c.column_name AS name FROM information_schema.columns c
       JOIN pg_class k ON k.relname = c.table_name AND k.relkind IN ('r', 'p') AND NOT k.relispartition
       WHERE c.table_schema = 'public'`,
    );
    columns = rows.map(({ name }) => name).sort();
  });

  it('has one line for each column of the database, and no other', () => {
    expect(columns.length).toBeGreaterThan(100);
    expect(
      lines()
        .map(([name]) => name)
        .sort(),
    ).toEqual(columns);
  });

  it('says of each why it is there, who reads it, and when it is erased', () => {
    for (const cells of lines()) for (const cell of cells) expect(cell.length).toBeGreaterThan(2);
  });
});

function lines(): string[][] {
  const page = readFileSync(new URL('../../docs/data-map.md', import.meta.url), 'utf8');
  return page
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, 5)
        .map((cell) => cell.trim().replaceAll('`', '')),
    );
}
