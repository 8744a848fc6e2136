import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { newId, utf8 } from '../../src/protocol/encoding/bytes.js';
import { derivePaper, newCode, requireCode } from '../../src/protocol/encoding/codes.js';
import { openExport } from '../../src/protocol/envelope/open-export.js';
import { EXPORT_HEAD, sealExport } from '../../src/protocol/envelope/seal-export.js';

const CTX = 86;
const WRAP = 1168;

function givenPaper() {
  return derivePaper(requireCode(newCode()));
}

function seal(content: Uint8Array, paper = givenPaper()) {
  const organisation = newId();
  const to = { organisation, root: paper.sign.kid, box: paper.box.publicKey };
  return { paper, organisation, file: sealExport(content, to) };
}

describe('an export', () => {
  it('opens with the paper code to what was sealed, whatever its size', () => {
    const sizes = fc.oneof(fc.integer({ min: 0, max: 5000 }), fc.constantFrom(65_532, 65_533, 200_000));
    const paper = givenPaper();
    fc.assert(
      fc.property(sizes, (size) => {
        const content = new Uint8Array(size).fill(7);
        const { file, organisation } = seal(content, paper);
        expect(openExport(file, paper)).toEqual({ organisation, content });
      }),
      { numRuns: 20 },
    );
  });

  it('is never the same twice, and its length says little', () => {
    const paper = givenPaper();
    const [a, b] = ['short', 'somewhat longer'].map((text) => seal(utf8(text), paper).file);
    expect(a?.length).toBe(b?.length);
    expect(a).not.toEqual(seal(utf8('short'), paper).file);
  });

  it('does not open with the code of another organisation', () => {
    const { file } = seal(utf8('{}'));
    expect(() => openExport(file, givenPaper())).toThrow('refused: ctx-consent');
  });

  const at = (part: number) => EXPORT_HEAD.length + part;
  it.each([
    ['head', 0, 'export-form'],
    ['suite', at(19), 'ctx-form'],
    ['kind, to one that has recipients', at(20), 'ctx-form'],
    ['organisation', at(21), 'hpke'],
    ['envelope id', at(37), 'hpke'],
    ['root', at(53), 'ctx-consent'],
    ['encapsulated key', at(CTX), 'hpke'],
    ['wrapped key', at(CTX + WRAP - 1), 'hpke'],
    ['salt', at(CTX + WRAP), 'commitment'],
    ['commitment', at(CTX + WRAP + 32), 'commitment'],
    ['body', at(CTX + WRAP + 64), 'chunk'],
  ])('is refused with its %s changed', (_, place, check) => {
    const { file, paper } = seal(utf8('{}'));
    file[place] = (file[place] ?? 0) ^ 1;
    expect(() => openExport(file, paper)).toThrow(`refused: ${check}`);
  });

  it('is refused cut short', () => {
    const { file, paper } = seal(utf8('{}'));
    for (const length of [0, 16, 100, 1270, 1271, file.length - 1])
      expect(() => openExport(file.slice(0, length), paper)).toThrow(
        /^refused: (export-form|commitment|chunk)$/,
      );
  });
});
