import { describe, expect, it } from '@jest/globals';
import { fromHex, toHex, utf8 } from '../../src/protocol/encoding/bytes.js';
import { derivePaper, requireCode } from '../../src/protocol/encoding/codes.js';
import { openExport } from '../../src/protocol/envelope/open-export.js';
import { readVectors } from '../support/log/vectors.js';

interface Vectors {
  readonly paper: { readonly code: string; readonly root: string; readonly boxId: string };
  readonly organisation: string;
  readonly content: string;
  readonly file: string;
  readonly refused: readonly {
    readonly name: string;
    readonly at?: number;
    readonly byte?: string;
    readonly length?: number;
    readonly check: string;
  }[];
}

const { paper: named, organisation, content, file, refused } = readVectors('export.json') as Vectors;

describe('the vectors of an export', () => {
  const paper = derivePaper(requireCode(named.code));

  it('open with the paper code', () => {
    expect(paper.sign.kid).toBe(named.root);
    expect(toHex(paper.box.id)).toBe(named.boxId);
    expect(openExport(fromHex(file), paper)).toEqual({ organisation, content: utf8(content) });
  });

  it.each(refused)('refuse at $check: $name', ({ at, byte, length, check }) => {
    const bytes = fromHex(file);
    if (at !== undefined) bytes.set(fromHex(byte ?? ''), at);
    expect(() => openExport(bytes.slice(0, length), paper)).toThrow(`refused: ${check}`);
  });
});
