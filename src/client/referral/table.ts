import { CsvError, parse } from 'csv-parse/browser/esm/sync';
import { refuse } from '../../protocol/encoding/errors.js';
import { readTableText } from './table-text.js';

export interface TableRow {
  /** As a spreadsheet counts: the header is row 1. In JSON the first object is row 1. */
  readonly row: number;
  /** By column; undefined where the row cannot be read. */
  readonly cells: ReadonlyMap<string, unknown> | undefined;
}

export interface Table {
  /** Undefined where every row names its own. */
  readonly columns?: readonly string[];
  readonly rows: readonly TableRow[];
}

const MOST_ROWS = 5000;
/** Lines that one cell may go on for. */
const MOST_LINES = 100;

/** A table as another program wrote it: a row that cannot be read says so, and stops no other. */
export function readTable(format: 'csv' | 'json', source: string | Uint8Array): Table {
  const text = readTableText(source).replace(/^\uFEFF/, '');
  const table = format === 'csv' ? readCsv(text) : readJson(text);
  return table.rows.length > MOST_ROWS ? refuse('import') : table;
}

function readJson(text: string): Table {
  const items = parseJson(text);
  if (!Array.isArray(items)) return refuse('import');
  return { rows: (items as unknown[]).map((item, i) => ({ row: i + 1, cells: cellsOf(item) })) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return refuse('json');
  }
}

function cellsOf(item: unknown): TableRow['cells'] {
  const isObject = typeof item === 'object' && item !== null && !Array.isArray(item);
  return isObject ? new Map(Object.entries(item)) : undefined;
}

/** One line of a table; its cells are undefined where a quotation mark stands where none can. */
interface Line {
  readonly row: number;
  readonly cells: readonly string[] | undefined;
}

function readCsv(text: string): Table {
  const [, named, rest = text] = /^sep=(.)\r?\n([^]*)$/.exec(text) ?? [];
  const lines = readLines(rest, named ?? delimiterOf(rest));
  const [header, ...rows] = lines;
  if (!header?.cells) return refuse('import');
  const columns = header.cells.map((column) => column.normalize('NFC'));
  const filled = rows.filter(({ cells }) => cells?.every((cell) => cell === '') !== true);
  return {
    columns,
    rows: filled.map(({ row, cells }) => ({ row, cells: cells && byColumn(columns, cells) })),
  };
}

/** A cell beyond the last column is one that somebody would lose: the row cannot be read. */
function byColumn(columns: readonly string[], cells: readonly string[]): TableRow['cells'] {
  if (cells.slice(columns.length).some((cell) => cell !== '')) return undefined;
  return new Map(columns.map((column, i) => [column, cells[i] ?? '']));
}

/** Spreadsheets in Belgium write semicolons: whichever the header has most of, outside quotation marks. */
function delimiterOf(text: string): string {
  const [header = ''] = text.replace(/"(?:[^"]|"")*"/g, '').split(/\r|\n/, 1);
  const counts = [',', ';', '\t'].map((mark) => ({ mark, count: header.split(mark).length }));
  return counts.reduce((most, each) => (each.count > most.count ? each : most)).mark;
}

/**
 * Every line, the broken ones too: after a quotation mark that never closes, reading goes on with the next
 * line.
 */
function readLines(text: string, delimiter: string): Line[] {
  const written = text.split(/\r\n|\n|\r/);
  const lines: Line[] = [];
  for (let at = 0, filled = 0; at < written.length;) {
    const { cells, length } = readLine(written, at, delimiter);
    lines.push({ row: lines.length + 1, cells });
    at += length;
    if (cells?.length !== 0 && ++filled > MOST_ROWS + 1) refuse('import');
  }
  return lines;
}

/** A cell in quotation marks may go on over several lines. */
function readLine(
  written: readonly string[],
  at: number,
  delimiter: string,
): { cells: Line['cells']; length: number } {
  let text = '';
  for (let length = 1; length <= MOST_LINES && at + length <= written.length; length++) {
    const more = written[at + length - 1] ?? '';
    text += length === 1 ? more : `\n${more}`;
    if (length > 1 && !more.includes('"')) continue;
    const cells = parseLine(text, delimiter);
    if (cells !== 'open') return cells ? { cells, length } : { cells, length: 1 };
  }
  return { cells: undefined, length: 1 };
}

/** What the parser says of a broken line quotes it: nobody is told more than that it could not be read. */
function parseLine(text: string, delimiter: string): readonly string[] | 'open' | undefined {
  if (text === '') return [];
  if (!text.includes('"')) return text.split(delimiter).map((cell) => cell.trim());
  const options = { delimiter, record_delimiter: '\r', trim: true, relax_quotes: true };
  try {
    const [cells = []] = parse(text, options);
    return cells;
  } catch (error) {
    return error instanceof CsvError && error.code === 'CSV_QUOTE_NOT_CLOSED' ? 'open' : undefined;
  }
}
