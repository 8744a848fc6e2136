import { check } from '../../protocol/encoding/check.js';
import type { Charter } from '../../protocol/registry/charter.js';
import { requirePlainText } from '../../protocol/encoding/plain-text.js';
import { HANDOFF_FIELDS, HandoffRecord, REFUSED_FIELDS } from '../../protocol/schemas/handoff-record.js';
import { Code } from '../../protocol/schemas/types.js';
import { readTable, type TableRow } from './table.js';
import { isGarbled } from './table-text.js';

/** A file of an intake list, as another program wrote it. It stays on this device. */
export interface ImportSource {
  readonly format: 'csv' | 'json';
  /**
   * CSV (RFC 4180, `,`, `;` or tab) with a header, or a JSON array of objects. Bytes, as they lie in the
   * file, wherever one has them: they are read as UTF-8, UTF-16 or windows-1252, whichever they are.
   */
  readonly text: string | Uint8Array;
  /**
   * Column (or member) → where it goes: a field of the record, or `contactMode.mode`,
   * `contactMode.safeTimes`, `contactMode.mayLeaveMessage`, `answers.‹code›`. What is not named here is left
   * behind.
   */
  readonly mapping: Readonly<Record<string, string>>;
}

/**
 * For whom the drafts are meant: refused fields stay refused but where the network has excepted this service.
 */
export interface ImportTarget {
  readonly to: string;
  readonly refusedFields: Charter['refusedFields'];
}

/** One row as a record, to be asked about like any other. */
export interface ImportedDraft {
  /** As a spreadsheet counts: the header is row 1. In JSON the first object is row 1. */
  readonly row: number;
  readonly record: HandoffRecord;
}

/** Says where and never what: the values are a person's. */
export interface ImportProblem {
  readonly row: number;
  /** As the header has it (in JSON the member); absent where the whole row is meant. */
  readonly column?: string;
  /** Name of the field, or of the column where the mapping is what is wrong. */
  readonly field: string;
  readonly problem: MappingProblem | RowProblem;
}

type MappingProblem = 'column-missing' | 'column-twice' | 'field-unknown' | 'field-refused' | 'field-twice';
/**
 * `characters`: something that nobody wrote, as where a file was saved in one encoding and read in another.
 * `row`: a quotation mark where none can stand, more cells than there are columns, or (JSON) no object.
 */
type RowProblem = 'form' | 'empty' | 'characters' | 'row';

/** The records that a table gave, and what was left out. */
export interface Imported {
  readonly drafts: readonly ImportedDraft[];
  readonly problems: readonly ImportProblem[];
}

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
/** Beside which the other parts are judged, each by itself. */
const ANY_MODE = { mode: 'phone' };
/** `attachments` are sealed files, which no table holds. */
const PARTS = ['contactMode.mode', 'contactMode.safeTimes', 'contactMode.mayLeaveMessage'];
const WHOLE: readonly string[] = [...HANDOFF_FIELDS, ...REFUSED_FIELDS].filter(
  (field) => !['attachments', 'contactMode', 'answers'].includes(field),
);

/**
 * Records out of a table, each of the schema of a handoff, and a report on what was left out. Nothing leaves
 * the device, and nothing here is consented to: each person is asked as if it were typed. A mapping that is
 * wrong imports nothing.
 * @example
 * const mapping = { prénom: 'calledName', tél: 'contactValue' };
 * const source = { format: 'csv', text: 'prénom;tél\nSam;0470123456', mapping } as const;
 * const target = { to: other, refusedFields: charter.refusedFields };
 * const { drafts, problems } = importDrafts(source, target);
 */
export function importDrafts(source: ImportSource, { to, refusedFields }: ImportTarget): Imported {
  const table = readTable(source.format, source.text);
  const excepted = refusedFields.filter((rule) => rule.exceptFor.includes(to)).map(({ field }) => field);
  const refused = new Set([...REFUSED_FIELDS, ...refusedFields.map(({ field }) => field)]);
  for (const field of excepted) refused.delete(field);
  const mapping = Object.entries(source.mapping).map(
    ([name, field]) => [name.normalize('NFC'), field] as const,
  );
  const wrong = mappingProblems(mapping, table.columns, refused);
  if (wrong.length > 0) return { drafts: [], problems: wrong };
  const rows = table.rows.map((row) => importRow(row, mapping));
  return {
    drafts: rows.flatMap(({ draft }) => draft ?? []),
    problems: rows.flatMap(({ problems }) => problems),
  };
}

type Mapping = readonly (readonly [column: string, field: string])[];

function mappingProblems(
  mapping: Mapping,
  columns: readonly string[] | undefined,
  refused: ReadonlySet<string>,
): ImportProblem[] {
  const seen = new Set<string>();
  return mapping.flatMap(([column, field]): ImportProblem[] => {
    const isTwice = seen.has(field);
    seen.add(field);
    const places = columns?.filter((each) => each === column).length ?? 1;
    if (places === 0) return [{ row: 1, column, field: column, problem: 'column-missing' }];
    if (places > 1) return [{ row: 1, column, field: column, problem: 'column-twice' }];
    if (refused.has(field)) return [{ row: 1, column, field, problem: 'field-refused' }];
    if (!isKnown(field)) return [{ row: 1, column, field: column, problem: 'field-unknown' }];
    return isTwice ? [{ row: 1, column, field, problem: 'field-twice' }] : [];
  });
}

function isKnown(field: string): boolean {
  const [, question] = /^answers[.](.*)$/s.exec(field) ?? [];
  return WHOLE.includes(field) || PARTS.includes(field) || (question !== undefined && check(Code, question));
}

/**
 * Each cell is judged by itself, so that every one that is wrong is named; then what several make together.
 */
function importRow(
  { row, cells }: TableRow,
  mapping: Mapping,
): { draft?: ImportedDraft; problems: ImportProblem[] } {
  if (!cells) return { problems: [{ row, field: '', problem: 'row' }] };
  const record: Record<string, unknown> = {};
  const problems: ImportProblem[] = [];
  for (const [column, field] of mapping) {
    const value = cells.get(column);
    if (value === undefined || value === null || value === '') continue;
    const problem = problemOf(field, value);
    if (problem) problems.push({ row, column, field, problem });
    else put(record, field, read(field, value));
  }
  if (problems.length > 0) return { problems };
  if (Object.keys(record).length === 0) return { problems: [{ row, field: '', problem: 'empty' }] };
  // a part that stands alone: how somebody may be reached, without by which way
  if (!check(HandoffRecord, record)) return { problems: [{ row, field: 'contactMode', problem: 'form' }] };
  return { draft: { row, record }, problems };
}

function problemOf(field: string, value: unknown): RowProblem | undefined {
  if ([value].flat().some((each) => typeof each === 'string' && isGarbled(each))) return 'characters';
  const record: Record<string, unknown> = field.startsWith('contactMode.') ? { contactMode: ANY_MODE } : {};
  put(record, field, read(field, value));
  if (!check(HandoffRecord, record)) return 'form';
  return isPlain(record) ? undefined : 'characters';
}

/** What a reader of the sealed record takes, and shows as it was written. */
function isPlain(record: HandoffRecord): boolean {
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

/**
 * A cell is text: lists are told apart by `;` or `|`, yes and no in three languages. What JSON types is left
 * as it is.
 */
function read(field: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const text = value.trim();
  if (LISTS.has(field))
    return text
      .split(/[;|]/)
      .map((item) => item.trim())
      .filter((item) => item !== '');
  if (!BOOLEANS.has(field)) return text;
  const answer = text.toLowerCase();
  return YES.has(answer) ? true : NO.has(answer) ? false : text;
}
