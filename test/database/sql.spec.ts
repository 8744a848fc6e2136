import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { named, prepared, sql, unprepared, whole } from '../../src/database/sql.js';

const v = named<{ referral: string; day: string; services: readonly string[] }>();

describe('a query', () => {
  it('has one place for each name, in the order of first use, in whichever fragment', () => {
    const mine = sql`source = ANY(${v.services}) OR target = ANY(${v.services})`;
    const query = prepared(
      'q',
      sql`SELECT WHERE id = ${v.referral} AND (${mine}) AND ${v.referral} > ${v.day}`,
    );
    expect(query.with({ day: '2026-03-29', services: ['s'], referral: "r' --" })).toEqual({
      label: 'q',
      name: 'q',
      text: 'SELECT WHERE id = $1 AND (source = ANY($2) OR target = ANY($2)) AND $1 > $3',
      values: ["r' --", ['s'], '2026-03-29'],
    });
  });

  it('has no name where it is planned each time', () => {
    expect(unprepared('q', sql`SELECT ${whole(7)}`).with()).toEqual({
      label: 'q',
      text: 'SELECT 7',
      values: [],
    });
  });

  it('is new each time, so that the driver may write into it', () => {
    const query = unprepared('q', sql`SELECT`);
    expect(query.with()).not.toBe(query.with());
  });

  it.each(["'; DROP TABLE referral", 7, undefined, ['a'], { parts: ['a'] }])(
    'takes no %p into its text',
    (value) => {
      expect(() => sql`SELECT ${value as never}`).toThrow(TypeError);
    },
  );

  it.each([1.5, Infinity, 2 ** 53, '1' as unknown as number])('takes no %p for a whole number', (number) => {
    expect(() => whole(number)).toThrow(TypeError);
  });

  it('is given neither less, nor more, nor something else than it needs', () => {
    const query = prepared('q', sql`SELECT ${v.referral}`);
    const given = [
      // @ts-expect-error: nothing at all
      () => query.with(),
      // @ts-expect-error: another name
      () => query.with({ day: '2026-03-29' }),
      // @ts-expect-error: another type
      () => query.with({ referral: 7 }),
      // @ts-expect-error: one more
      () => query.with({ referral: 'r', day: '2026-03-29' }),
      // @ts-expect-error: a name that nobody declared
      () => sql`${v.month}`,
    ];
    expect(given).toHaveLength(5);
  });
});

describe('the code of the server', () => {
  const files = readdirSync('src/server', { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const found = (pattern: RegExp): string[] =>
    files.flatMap((file) =>
      (readFileSync(join('src/server', file), 'utf8').match(pattern) ?? []).map((at) => `${file}: ${at}`),
    );

  it('counts no places', () => {
    expect(files.length).toBeGreaterThan(100);
    expect(found(/[=(,\s]\$\d+(?=[\s:),])/g)).toEqual([]);
  });

  it('runs no text of its own, but for what has no values and no rows', () => {
    const texts = found(/\.query(<[^>]*>)?\(\s*[`'"][^`'"]*/g).map((at) => at.replace(/.*\(\s*[`'"]/s, ''));
    expect(texts.sort()).toEqual([
      'LISTEN relais_events',
      'NOTIFY relais_events',
      'ROLLBACK TO whole',
      'SAVEPOINT whole',
      'SELECT',
    ]);
  });
});
