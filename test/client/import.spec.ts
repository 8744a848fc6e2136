import { describe, expect, it } from '@jest/globals';
import { importDrafts, type ImportSource } from '../../src/client/index.js';
import { defaultCharter } from '../../src/protocol/charter.js';
import { newId } from '../../src/protocol/bytes.js';

const { refusedFields } = defaultCharter('Example', []);
const TO = newId();

function read(text: string, mapping: ImportSource['mapping'], format: ImportSource['format'] = 'csv') {
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
        { row: 2, field: 'reason', problem: 'form' },
        { row: 3, field: '', problem: 'empty' },
        { row: 4, field: 'contactMode', problem: 'form' },
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
        { row: 1, field: 'nationality', problem: 'field-refused' },
        { row: 1, field: 'calledName', problem: 'field-twice' },
        { row: 1, field: 'd', problem: 'field-unknown' },
        { row: 1, field: 'gone', problem: 'column-missing' },
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
      problems: [{ row: 2, field: 'calledName', problem: 'form' }],
    });
  });

  it.each([
    ['a broken quotation', 'csv', 'a\n"never ended\n'],
    ['a column twice', 'csv', 'a,a\n1,2\n'],
    ['more rows than a person asks in a year', 'csv', `a\n${'x\n'.repeat(5001)}`],
    ['no list', 'json', '{"a": 1}'],
    ['a list of no objects', 'json', '["Sam"]'],
    ['no JSON', 'json', '[{"a": 1,}]'],
  ] as const)('is refused with %s, without a word of it', (_, format, text) => {
    expect(() => read(text, { a: 'calledName' }, format)).toThrow(/^refused: (import|json)$/);
  });
});
