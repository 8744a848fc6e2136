import { beforeAll, describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { QUERIES } from '../../src/database/sql.js';
import { givenDatabase } from '../support/machines/database.js';
import { describeRows, type Column } from '../support/machines/described.js';
import { findReaders, type Member, type Reader } from '../support/machines/row-types.js';

const SERVER = 'src/server';
/** What the driver makes of a column (`src/database/database.ts`): days and long numbers stay text. */
const KINDS: Readonly<Record<string, string>> = {
  ...{ text: 'string', uuid: 'string', date: 'string', int8: 'string', numeric: 'string', xid8: 'string' },
  ...{
    int2: 'number',
    int4: 'number',
    float4: 'number',
    float8: 'number',
    bool: 'boolean',
    timestamptz: 'Date',
    bytea: 'bytes',
  },
  void: 'string',
};
/** Where every act's answer is read, whatever the act (`onceSql`). */
const ACTS = 'server/common/http/idempotency.ts';

describe('the queries of the server', () => {
  const columns = new Map<string, Column[]>();
  let readers: Reader[];

  beforeAll(async () => {
    for (const file of readdirSync(SERVER, { recursive: true, encoding: 'utf8' }))
      if (file.endsWith('.ts') && readFileSync(join(SERVER, file), 'utf8').includes('prepared('))
        await import(`../../${SERVER}/${file.replace(/\.ts$/, '.js')}`);
    const described = await describeRows(
      await givenDatabase(),
      QUERIES.map(({ text }) => text),
    );
    QUERIES.forEach(({ label }, i) => columns.set(label, described[i] ?? []));
    readers = findReaders(SERVER);
  }, 120_000);

  it('are all taken by the database, each under a name of its own', () => {
    expect(QUERIES.length).toBeGreaterThan(150);
    expect(columns.size).toBe(QUERIES.length);
  });

  it('have the columns that the code reads, of the types that it takes them for', () => {
    expect(readers.length).toBeGreaterThan(80);
    const wrong = readers.flatMap(({ place, labels, row }) =>
      queriesOf(place, labels).flatMap((label) =>
        differences(columns.get(label) ?? [], row).map((what) => `${label}, read in ${place}: ${what}`),
      ),
    );
    expect(wrong).toEqual([]);
  });

  it('are known wherever rows are read', () => {
    const unknown = readers.filter(({ place, labels }) => queriesOf(place, labels).length === 0);
    expect(unknown).toEqual([]);
  });

  function queriesOf(place: string, labels: readonly string[]): string[] {
    const acts = QUERIES.filter(({ text }) => text.startsWith('WITH claim AS')).map(({ label }) => label);
    if (place === ACTS && labels.includes('*')) return acts;
    return [...columns.keys()].filter((label) => labels.some((pattern) => fits(label, pattern)));
  }
});

function fits(label: string, pattern: string): boolean {
  return pattern !== '*' && new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(label);
}

function differences(columns: readonly Column[], row: ReadonlyMap<string, Member>): string[] {
  const missing = [...row].filter(
    ([name, { isOptional }]) => !isOptional && !columns.some((column) => column.name === name),
  );
  const wrong = columns.filter(({ name, type }) => !isOfKind(type, row.get(name)?.kind));
  return [
    ...missing.map(([name]) => `${name} is no column`),
    ...wrong.map(({ name, type }) => `${name} is ${type}, not ${row.get(name)?.kind ?? 'read'}`),
  ];
}

/** JSON is whatever it says; the schema of what is in it is tested where it is written. */
function isOfKind(type: string, kind: string | undefined): boolean {
  if (type === 'json' || type === 'jsonb') return kind !== undefined;
  if (type.startsWith('_')) return kind === `${KINDS[type.slice(1)] ?? type}[]`;
  return kind === KINDS[type];
}
