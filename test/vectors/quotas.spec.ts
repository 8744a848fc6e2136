import { describe, expect, it } from '@jest/globals';
import { charterHash, parseCharter, quotasOf } from '../../src/protocol/registry/charter.js';
import { readVectors } from '../support/log/vectors.js';

const { accepted, refused } = readVectors('quotas.json') as {
  accepted: { name: string; text: string; textHash: string; effective: object }[];
  refused: { name: string; check: string; text: string }[];
};

describe('the quotas of the charter', () => {
  it.each(accepted.map((each) => [each.name, each] as const))(
    'are %s',
    (_, { text, textHash, effective }) => {
      const charter = parseCharter(text);
      expect(quotasOf(charter)).toEqual(effective);
      expect(charterHash(charter)).toBe(textHash);
    },
  );

  it.each(refused.map((each) => [each.name, each] as const))('are not %s', (_, { text, check }) => {
    expect(() => parseCharter(text)).toThrow(expect.objectContaining({ check }));
  });
});
