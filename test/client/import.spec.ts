import { describe, expect, it } from '@jest/globals';
import { importDrafts, type ImportSource } from '../../src/client/index.js';
import { defaultCharter } from '../../src/protocol/registry/charter.js';
import { newId } from '../../src/protocol/encoding/bytes.js';

const { refusedFields } = defaultCharter('Example', []);
const TO = newId();

function read(
  text: string | Uint8Array,
  mapping: ImportSource['mapping'],
  format: ImportSource['format'] = 'csv',
) {
  return importDrafts({ format, text, mapping }, { to: TO, refusedFields });
}

describe('a table of drafts', () => {
  it('becomes records of the handoff’s schema: text, lists, yes and no, parts, own questions', () => {
    const text =
      '\uFEFFNaam;Talen;Tolk;Contact;Vraag\r\nSam;fr|ti;ja;phone;"Kan ""morgen""; niet later"\r\nN.;nl;nee;;\r\n';
    const mapping = {
      Naam: 'calledName',
      Talen: 'spokenLanguages',
      Tolk: 'interpreterNeeded',
      Contact: 'contactMode.mode',
      Vraag: 'answers.when',
    };
    expect(read(text, mapping)).toEqual({
      drafts: [
        {
          row: 2,
          record: {
            calledName: 'Sam',
            spokenLanguages: ['fr', 'ti'],
            interpreterNeeded: true,
            contactMode: { mode: 'phone' },
            answers: { when: 'Kan "morgen"; niet later' },
          },
        },
        { row: 3, record: { calledName: 'N.', spokenLanguages: ['nl'], interpreterNeeded: false } },
      ],
      problems: [],
    });
  });

  it.each([
    [',', 'a,b\nSam,Wound\n'],
    [';', 'a;b\nSam;Wound\n'],
    ['tab', 'a\tb\nSam\tWound\n'],
  ])('may be written with %s', (_, text) => {
    expect(read(text, { a: 'calledName', b: 'reason' }).drafts).toEqual([
      { row: 2, record: { calledName: 'Sam', reason: 'Wound' } },
    ]);
  });

  it('leaves behind every column that is not named, and tells rows apart that are not right', () => {
    const secret = 'NEVER-SHOWN';
    const text = `name,about,mode,x\nSam,${'y'.repeat(501)}${secret},phone,${secret}\n,,,${secret}\nN.,ok,${secret},\n`;
    const imported = read(text, { name: 'calledName', about: 'reason', mode: 'contactMode.mode' });
    expect(imported).toEqual({
      drafts: [],
      problems: [
        { row: 2, column: 'about', field: 'reason', problem: 'form' },
        { row: 3, field: '', problem: 'empty' },
        { row: 4, column: 'mode', field: 'contactMode.mode', problem: 'form' },
      ],
    });
    expect(JSON.stringify(imported)).not.toContain(secret);
  });

  it('imports nothing by a mapping that is wrong, or that asks for what is refused', () => {
    const text = 'a,b,c,d,e\n1,2,3,4,5\n';
    const wrong = {
      a: 'nationality',
      b: 'calledName',
      c: 'calledName',
      d: 'attachments',
      gone: 'reason',
    };
    expect(read(text, wrong)).toEqual({
      drafts: [],
      problems: [
        { row: 1, column: 'a', field: 'nationality', problem: 'field-refused' },
        { row: 1, column: 'c', field: 'calledName', problem: 'field-twice' },
        { row: 1, column: 'd', field: 'd', problem: 'field-unknown' },
        { row: 1, column: 'gone', field: 'gone', problem: 'column-missing' },
      ],
    });
  });

  it('takes a refused field for the service alone that the network has excepted', () => {
    const excepted = [{ field: 'residenceStatus', exceptFor: [TO] }];
    const source = { format: 'csv', text: 'a\nunknown\n', mapping: { a: 'residenceStatus' } } as const;
    expect(importDrafts(source, { to: TO, refusedFields: excepted }).drafts).toHaveLength(1);
    expect(importDrafts(source, { to: newId(), refusedFields: excepted }).drafts).toHaveLength(0);
  });

  it('may be JSON, with its own types', () => {
    const text = '[{"who": "Sam", "langs": ["fr"], "tolk": true, "kept": {"x": 1}}, {"who": 7}]';
    const mapping = { who: 'calledName', langs: 'spokenLanguages', tolk: 'interpreterNeeded' };
    expect(read(text, mapping, 'json')).toEqual({
      drafts: [{ row: 1, record: { calledName: 'Sam', spokenLanguages: ['fr'], interpreterNeeded: true } }],
      problems: [{ row: 2, column: 'who', field: 'calledName', problem: 'form' }],
    });
  });

  it.each([
    ['more rows than a person asks in a year', 'csv', `a\n${'x\n'.repeat(5001)}`],
    ['no list', 'json', '{"a": 1}'],
    ['no JSON', 'json', '[{"a": 1,}]'],
    ['half a character of UTF-16', 'csv', Uint8Array.of(0xff, 0xfe, 0x00, 0xd8)],
  ] as const)('is refused with %s, without a word of it', (_, format, text) => {
    expect(() => read(text, { a: 'calledName' }, format)).toThrow(/^refused: (import|json|encoding)$/);
  });
});

describe('a table as a spreadsheet writes it', () => {
  const MAPPING = { Nom: 'calledName', Motif: 'reason' };
  const SAM = { row: 2, record: { calledName: 'Sam', reason: 'pied' } };
  const N = { row: 4, record: { calledName: 'N.', reason: 'main' } };
  const bytes = (...parts: (string | number)[]): Uint8Array =>
    Uint8Array.from(parts.flatMap((part) => (typeof part === 'number' ? part : [...Buffer.from(part)])));

  it.each<[string, string | Uint8Array]>([
    ['empty columns', 'Nom;Motif;;\r\nSam;pied;;\r\n'],
    ['empty rows', 'Nom;Motif\r\nSam;pied\r\n;\r\n\r\n;;;\r\n'],
    ['a column twice that nobody wants', 'Nom;Motif;Remarque;Remarque\r\nSam;pied;a;b\r\n'],
    ['what it says of its own delimiter', 'sep=;\r\nNom;Motif\r\nSam;pied\r\n'],
    ['a comma in a name of the header', '"Rem, a, b";Nom;Motif\nx;Sam;pied'],
    ['the line ends of an old Macintosh', 'Nom;Motif\rSam;pied\r'],
    ['line ends of two kinds', 'Nom;Motif\r\nSam;pied\n'],
    ['empty cells between tabs', 'x\tNom\tMotif\n\tSam\tpied\n'],
    ['a mark of UTF-8', bytes(0xef, 0xbb, 0xbf, 'Nom;Motif\r\nSam;pied\r\n')],
    ['UTF-16', Buffer.from('\uFEFFNom;Motif\r\nSam;pied\r\n', 'utf16le')],
    ['UTF-16, the larger byte first', Buffer.from('\uFEFFNom;Motif\r\nSam;pied\r\n', 'utf16le').swap16()],
  ])('comes in with %s', (_, text) => {
    expect(read(text, MAPPING)).toEqual({ drafts: [SAM], problems: [] });
  });

  it('is read as windows-1252 where it is no UTF-8, the euro and the apostrophe too', () => {
    const text = bytes('Nom;Motif\r\nRen', 0xe9, 'e;l', 0x92, 'h', 0xf4, 'pital, 5 ', 0x80, '\r\n');
    const record = { calledName: 'Renée', reason: 'l’hôpital, 5 €' };
    expect(read(text, MAPPING)).toEqual({ drafts: [{ row: 2, record }], problems: [] });
    const accented = bytes('Pr', 0xe9, 'nom;Motif\nSam;pied');
    expect(read(accented, { Prénom: 'calledName' }).drafts).toHaveLength(1);
    expect(read('Pre\u0301nom\nSam', { Prénom: 'calledName' }).drafts).toHaveLength(1);
  });

  it.each<[string, string, string | Uint8Array]>([
    ['a NUL', 'characters', 'Sam\0;pied'],
    ['half a character', 'characters', 'Sam\ud83d;pied'],
    ['the sign of a character that was lost', 'characters', 'Ren\uFFFDe;pied'],
    ['a byte that no table has', 'characters', bytes('Ren', 0x8f, 'e;pied')],
    ['letters of a Macintosh', 'characters', bytes('Ren', 0x8e, 'e;pied')],
    ['letters of DOS', 'characters', bytes('Ren', 0x82, 'e;pied')],
    ['a name too long', 'form', `${'y'.repeat(201)};pied`],
  ])('names row and column of %s, and brings in the others', (_, problem, bad) => {
    const text = Buffer.concat([
      Buffer.from('Nom;Motif\r\nSam;pied\r\n'),
      typeof bad === 'string' ? Buffer.from(bad) : bad,
      Buffer.from('\r\nN.;main\r\n'),
    ]);
    const source = typeof bad === 'string' ? `Nom;Motif\r\nSam;pied\r\n${bad}\r\nN.;main\r\n` : text;
    expect(read(source, MAPPING)).toEqual({
      drafts: [SAM, N],
      problems: [{ row: 3, column: 'Nom', field: 'calledName', problem }],
    });
  });

  it.each([
    ['a quotation mark that never closes', 'Sam;"pied'],
    ['something behind a quotation', '"Sam"x;pied'],
    ['a cell too many', 'Sam;pied;gauche'],
  ])('names the row of %s, and brings in the others', (_, bad) => {
    expect(read(`Nom;Motif\r\nSam;pied\r\n${bad}\r\nN.;main\r\n`, MAPPING)).toEqual({
      drafts: [SAM, N],
      problems: [{ row: 3, field: '', problem: 'row' }],
    });
  });

  it('may have quotation marks in its text, and cells over several lines, which count as one row', () => {
    const text = 'Nom;Motif\nSam;le "pied" gauche\n"Lou";"deux\r\nlignes ""ici"""\nN.;main\n';
    expect(read(text, MAPPING).drafts).toEqual([
      { row: 2, record: { calledName: 'Sam', reason: 'le "pied" gauche' } },
      { row: 3, record: { calledName: 'Lou', reason: 'deux\nlignes "ici"' } },
      N,
    ]);
  });

  it('says which column it has twice where that is the one that is wanted', () => {
    const problem = { row: 1, column: 'Nom', field: 'Nom', problem: 'column-twice' };
    expect(read('Nom;Nom\nSam;N.\n', { Nom: 'calledName' })).toEqual({ drafts: [], problems: [problem] });
  });

  it('names every cell of a row, and a part that stands alone', () => {
    const mapping = { a: 'calledName', b: 'interpreterNeeded', c: 'contactMode.safeTimes' };
    expect(read(`a;b;c\n\0;perhaps;soir\nSam;ja;soir\n`, mapping).problems).toEqual([
      { row: 2, column: 'a', field: 'calledName', problem: 'characters' },
      { row: 2, column: 'b', field: 'interpreterNeeded', problem: 'form' },
      { row: 3, field: 'contactMode', problem: 'form' },
    ]);
  });

  it('in JSON as well: one object that is wrong stops no other, nor does what nobody wants of it', () => {
    const text = '[{"who": "Sam", "size": 1.5, "__proto__": 1}, "x", {"who": "\\u0000"}, {"who": "N."}]';
    expect(read(text, { who: 'calledName' }, 'json')).toEqual({
      drafts: [
        { row: 1, record: { calledName: 'Sam' } },
        { row: 4, record: { calledName: 'N.' } },
      ],
      problems: [
        { row: 2, field: '', problem: 'row' },
        { row: 3, column: 'who', field: 'calledName', problem: 'characters' },
      ],
    });
  });

  it('has columns by names that every object has, and no answers by them', () => {
    const named = read('constructor;toString\nSam;pied\n', {
      constructor: 'calledName',
      toString: 'reason',
    });
    expect(named).toEqual({ drafts: [SAM], problems: [] });
    expect(read('a\nx\n', { a: 'answers.constructor' }).problems).toMatchObject([
      { problem: 'field-unknown' },
    ]);
  });
});
