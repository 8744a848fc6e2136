import { parse } from 'csv-parse/browser/esm/sync';
import type { Charter } from '../protocol/charter.js';
import { refuse } from '../protocol/errors.js';
import { parseStrict } from '../protocol/json.js';
import { requirePlainText } from '../protocol/plain-text.js';
import { HANDOFF_FIELDS, HandoffRecord, REFUSED_FIELDS } from '../protocol/schemas/handoff-record.js';

/** A file of an intake list, as another program wrote it. It stays on this device. */
export interface ImportSource {
  readonly format: 'csv' | 'json';
  /** CSV (RFC 4180, `,`, `;` or tab) with a header, or a JSON array of objects. */
  readonly text: string;
  /**
   * Column (or member) → where it goes: a field of the record, or `contactMode.mode`, `contactMode.safeTimes`,
   * `contactMode.mayLeaveMessage`, `answers.‹code›`. What is not named here is left behind.
   */
  readonly mapping: Readonly<Record<string, string>>;
}

/** For whom the drafts are meant: refused fields stay refused but where the network has excepted this service. */
export interface ImportFor {
  readonly to: string;
  readonly refusedFields: Charter['refusedFields'];
}

export interface ImportedDraft {
  /** As a spreadsheet counts: the header is row 1. In JSON the first object is row 1. */
  readonly row: number;
  readonly record: HandoffRecord;
}

/** Says where and never what: the values are a person's. */
export interface ImportProblem {
  readonly row: number;
  /** Name of the field, or of the column where the mapping is what is wrong. */
  readonly field: string;
  readonly problem: 'column-missing' | 'field-unknown' | 'field-refused' | 'field-twice' | 'form' | 'empty';
}

export interface Imported {
  readonly drafts: readonly ImportedDraft[];
  readonly problems: readonly ImportProblem[];
}

const MOST_ROWS = 5000;
const LISTS = new Set<string>([
  'spokenLanguages',
  'servicesRequested',
  'alreadyDone',
  'accessibilityNeeds',
  'documentsHeld',
]);
const BOOLEANS = new Set(['interpreterNeeded', 'contactMode.mayLeaveMessage']);
const YES = new Set(['yes', 'true', '1', 'oui', 'vrai', 'ja', 'waar']);
const NO = new Set(['no', 'false', '0', 'non', 'faux', 'nee', 'neen', 'onwaar']);
/** `attachments` are sealed files, which no table holds. */
const PARTS = ['contactMode.mode', 'contactMode.safeTimes', 'contactMode.mayLeaveMessage'];
const WHOLE: readonly string[] = [...HANDOFF_FIELDS, ...REFUSED_FIELDS].filter(
  (field) => !['attachments', 'contactMode', 'answers'].includes(field),
);

/**
 * Records out of a table, each of the schema of a handoff, and a report on what was left out. Nothing leaves the device,
 * and nothing here is consented to: each person is asked as if it were typed. A mapping that is wrong imports nothing.
 */
export function importDrafts(source: ImportSource, { to, refusedFields }: ImportFor): Imported {
  const table = source.format === 'csv' ? readCsv(source.text) : readJson(source.text);
  const excepted = refusedFields.filter((rule) => rule.exceptFor.includes(to)).map(({ field }) => field);
  const refused = new Set([...REFUSED_FIELDS, ...refusedFields.map(({ field }) => field)]);
  for (const field of excepted) refused.delete(field);
  const wrong = mappingProblems(source.mapping, table.columns, refused);
  if (wrong.length > 0) return { drafts: [], problems: wrong };
  const rows = table.rows.map(({ row, cells }) => importRow(row, cells, source.mapping));
  return {
    drafts: rows.flatMap(({ draft }) => draft ?? []),
    problems: rows.flatMap(({ problems }) => problems),
  };
}

interface Row {
  readonly row: number;
  readonly cells: Readonly<Record<string, unknown>>;
}

interface Table {
  /** Undefined where every row names its own. */
  readonly columns?: readonly string[];
  readonly rows: readonly Row[];
}

function readCsv(text: string): Table {
  const [header = [], ...lines] = parseRows(text);
  if (lines.length > MOST_ROWS || new Set(header).size !== header.length) refuse('import');
  const rows = lines.map((line, i) => ({
    row: i + 2,
    cells: Object.fromEntries(header.map((column, j) => [column, line[j] ?? ''])),
  }));
  return { columns: header, rows };
}

/** What the parser says of a broken file quotes it: nobody is told more than that it could not be read. */
function parseRows(text: string): string[][] {
  try {
    // the parser would put U+FFFD for half a sign, in silence; with a NUL its cell is named
    return parse(text.replace(/\p{Cs}/gu, '\0'), {
      bom: true,
      delimiter: delimiterOf(text),
      trim: true,
      relax_column_count: true,
    });
  } catch {
    return refuse('import');
  }
}

/** Spreadsheets in Belgium write semicolons: whichever the header has most of. */
function delimiterOf(text: string): string {
  const [header = ''] = text.split('\n', 1);
  const counts = [',', ';', '\t'].map((mark) => ({ mark, count: header.split(mark).length }));
  return counts.reduce((most, each) => (each.count > most.count ? each : most)).mark;
}

function readJson(text: string): Table {
  const items = parseStrict(text);
  if (!Array.isArray(items) || items.length > MOST_ROWS) return refuse('import');
  const rows = (items as unknown[]).map((cells, i) => {
    if (typeof cells !== 'object' || cells === null || Array.isArray(cells)) refuse('import');
    return { row: i + 1, cells: cells as Row['cells'] };
  });
  return { rows };
}

function mappingProblems(
  mapping: ImportSource['mapping'],
  columns: readonly string[] | undefined,
  refused: ReadonlySet<string>,
): ImportProblem[] {
  const seen = new Set<string>();
  return Object.entries(mapping).flatMap(([column, field]): ImportProblem[] => {
    const isTwice = seen.has(field);
    seen.add(field);
    if (columns?.includes(column) === false) return [{ row: 1, field: column, problem: 'column-missing' }];
    if (refused.has(field)) return [{ row: 1, field, problem: 'field-refused' }];
    if (!isKnown(field)) return [{ row: 1, field: column, problem: 'field-unknown' }];
    return isTwice ? [{ row: 1, field, problem: 'field-twice' }] : [];
  });
}

function isKnown(field: string): boolean {
  return WHOLE.includes(field) || PARTS.includes(field) || /^answers\.[a-z][a-z0-9-]{0,63}$/.test(field);
}

function importRow(
  row: number,
  cells: Row['cells'],
  mapping: ImportSource['mapping'],
): { draft?: ImportedDraft; problems: ImportProblem[] } {
  const record: Record<string, unknown> = {};
  for (const [column, field] of Object.entries(mapping)) {
    const value = Object.hasOwn(cells, column) ? cells[column] : undefined;
    if (value !== undefined && value !== null && value !== '') put(record, field, read(field, value));
  }
  const wrong = Object.keys(record).filter((field) => !isWritable({ [field]: record[field] }));
  const problems = wrong.map((field): ImportProblem => ({ row, field, problem: 'form' }));
  if (Object.keys(record).length === 0) return { problems: [{ row, field: '', problem: 'empty' }] };
  return problems.length > 0 ? { problems } : { draft: { row, record }, problems };
}

/** What can be sealed: of the schema, and in plain text. */
function isWritable(record: object): boolean {
  try {
    requirePlainText(HandoffRecord, record);
    return true;
  } catch {
    return false;
  }
}

/** `contactMode.mode` is a member of a member; every other name is the record's own. */
function put(record: Record<string, unknown>, field: string, value: unknown): void {
  const [name = '', part] = field.split('.');
  if (part === undefined) record[name] = value;
  else record[name] = { ...(record[name] as object | undefined), [part]: value };
}

/** A cell is text: lists are told apart by `;` or `|`, yes and no in three languages. What JSON types is left as it is. */
function read(field: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const text = value.trim();
  if (LISTS.has(field))
    return text
      .split(/[;|]/)
      .map((item) => item.trim())
      .filter((item) => item !== '');
  if (!BOOLEANS.has(field)) return text;
  const word = text.toLowerCase();
  return YES.has(word) ? true : NO.has(word) ? false : text;
}
