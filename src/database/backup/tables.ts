import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import type { Part } from './archive.js';

/**
 * Other tables, and why not: made anew by the migrations; good only with the transaction numbers of their own
 * database.
 */
const LEFT_OUT = ['migrations', 'event'];
const PART_BYTES = 1 << 20;

export interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  /** Tables whose rows must be there before. */
  readonly needs: readonly string[];
}

/** Every table that holds rows and outlives a crash, each after those that it refers to. */
export async function tablesOf(client: pg.ClientBase): Promise<Table[]> {
  const { rows } = await client.query<Table>({
    text: `SELECT c.relname::text AS name,
        ARRAY(SELECT quote_ident(a.attname) FROM pg_attribute a
          WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum) AS columns,
        ARRAY(SELECT f.relname::text FROM pg_constraint k JOIN pg_class f ON f.oid = k.confrelid
          WHERE k.contype = 'f' AND k.conrelid = c.oid AND k.confrelid <> c.oid) AS needs
      FROM pg_class c WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND c.relnamespace = 'public'::regnamespace
        AND c.relname <> ALL ($1) ORDER BY c.relname`,
    values: [LEFT_OUT],
  });
  const sorted: Table[] = [];
  const isReady = ({ needs }: Table): boolean =>
    needs.every((need) => sorted.some(({ name }) => name === need));
  while (sorted.length < rows.length) {
    const next = rows.find((table) => !sorted.includes(table) && isReady(table));
    if (!next) throw new Error('tables refer to each other in a circle');
    sorted.push(next);
  }
  return sorted;
}

/** What belongs to one referral alone: a backup without a row of it is still one. */
const OF_ONE_REFERRAL =
  /^(?:handoff|handoff_wrap|carried_over)_(?:open|closed)$|^(?:message|attachment_part)$/;
/** SQLSTATE: data_corrupted, index_corrupted. */
const DAMAGED = ['XX001', 'XX002'];

/** A table lies on a damaged page. What belongs to one referral alone can be copied without it. */
export class DamagedTable extends Error {
  constructor(readonly table: string) {
    super(`a page of the table ${table} is damaged and cannot be read`);
  }

  get canBeLeftOut(): boolean {
    return OF_ONE_REFERRAL.test(this.table);
  }
}

/** The rows of a table in PostgreSQL's text format, in parts. @throws DamagedTable */
export async function* copyOut(
  client: pg.ClientBase,
  table: Table,
  rows = `"${table.name}"`,
): AsyncGenerator<Part> {
  try {
    yield* copyRows(client, table, rows);
  } catch (error) {
    if (DAMAGED.includes((error as { code?: string }).code ?? '')) throw new DamagedTable(table.name);
    throw error;
  }
}

/**
 * The same without what cannot be read: row by row, by their places, so that no scan meets a page that is
 * damaged.
 */
export async function* copyReadable(client: pg.ClientBase, table: Table): AsyncGenerator<Part> {
  const places = `SELECT place FROM readable_rows('"${table.name}"') WHERE whole`;
  // of a small table all is read, however few places are asked for
  await client.query('SET LOCAL enable_seqscan = off');
  yield* copyOut(client, table, `"${table.name}" WHERE ctid = ANY (ARRAY(${places}))`);
  await client.query('SET LOCAL enable_seqscan = on');
}

async function* copyRows(
  client: pg.ClientBase,
  { name, columns }: Table,
  from: string,
): AsyncGenerator<Part> {
  const rows = client.query(copyTo(`COPY (SELECT ${columns.join(', ')} FROM ${from}) TO STDOUT`));
  let held: Uint8Array[] = [];
  let number = 0;
  const part = (): Part => ({ name: `tables/${name}/${number++}`, bytes: Buffer.concat(held) });
  for await (const chunk of rows) {
    held.push(chunk as Uint8Array);
    if (held.reduce((sum, { length }) => sum + length, 0) < PART_BYTES) continue;
    yield part();
    held = [];
  }
  yield part();
}

/** Puts rows into a table that is empty; answers how many there were. */
export async function copyIn(
  client: pg.ClientBase,
  { name, columns }: Table,
  parts: AsyncIterable<Uint8Array>,
): Promise<number> {
  const into = client.query(copyFrom(`COPY "${name}" (${columns.join(', ')}) FROM STDIN`));
  Readable.from(parts)
    .on('error', (error) => into.destroy(error))
    .pipe(into);
  await finished(into);
  return into.rowCount;
}

/**
 * Rows are put as they were, without what acts set off: triggers of ours rest. References are still checked.
 */
export async function toggleTriggers(
  client: pg.ClientBase,
  tables: readonly Table[],
  to: 'ENABLE' | 'DISABLE',
): Promise<void> {
  for (const { name } of tables) await client.query(`ALTER TABLE "${name}" ${to} TRIGGER USER`);
}
