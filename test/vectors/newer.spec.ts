import { describe, expect, it } from '@jest/globals';
import { parseCharter } from '../../src/protocol/registry/charter.js';
import { verifyConsentRecord } from '../../src/protocol/consent/consent-record.js';
import { emptyRegistry, followRegistry, type Registry } from '../../src/protocol/registry/registry.js';
import { currentEpoch, latestEpoch, requireUnderstood } from '../../src/protocol/registry/registry-keys.js';
import type { ConsentGiven } from '../../src/protocol/schemas/statements.js';
import { refusal } from '../support/network/registry.js';
import { readVectors } from '../support/log/vectors.js';

interface Case {
  readonly name: string;
  readonly after: number;
  readonly entries: readonly string[];
}
const vectors = readVectors('newer.json') as {
  passed: Case[];
  refused: { name: string; check: string; after: number; before?: string[]; entry: string }[];
  upgrade: (Case & { index: number; typ: string })[];
  objects: { name: string; kind: 'charter' | 'consent-record'; text: string }[];
};
const { trust, entries, ids } = readVectors('registry.json') as {
  trust: { network: string; roots: string[] };
  entries: { jws: string }[];
  ids: { svcA: string };
};

function registryOf(size: number): Registry {
  return followRegistry(
    emptyRegistry(trust),
    entries.slice(0, size).map(({ jws }) => jws),
  );
}

/** Everything that acts rest on. */
const shown = ({ entries: _, hashes: __, upgrade: ___, ...registry }: Registry): object => registry;

describe('what a later version may have written', () => {
  it.each(vectors.passed.map((each) => [each.name, each] as const))('is passed over: %s', (_, each) => {
    const registry = followRegistry(registryOf(each.after), each.entries);
    expect(registry.upgrade).toBeUndefined();
    expect(registry.entries).toHaveLength(each.after + each.entries.length);
    expect(() => requireUnderstood(registry)).not.toThrow();
  });

  it.each(vectors.refused.map((each) => [each.name, each] as const))('is refused: %s', (_, each) => {
    const before = followRegistry(registryOf(each.after), each.before ?? []);
    expect(refusal(before, each.entry)).toBe(each.check);
  });

  it('is refused where a note is longer than any entry may be', () => {
    const note = vectors.passed[0]?.entries[0] ?? '';
    const [head = '', body = '', signature = ''] = note.split('.');
    const payload = JSON.parse(Buffer.from(body, 'base64url').toString()) as object;
    const long = Buffer.from(JSON.stringify({ ...payload, text: 'x'.repeat(65_535) })).toString('base64url');
    expect(refusal(registryOf(entries.length), `${head}.${long}.${signature}`)).toBe('too-large');
  });

  it.each(vectors.upgrade.map((each) => [each.name, each] as const))(
    'is followed on and changes nothing, and bars what it may have changed: %s',
    (_, { after, entries: texts, index, typ }) => {
      const before = registryOf(after);
      const registry = followRegistry(before, texts);
      const stepwise = texts.reduce((state, text) => followRegistry(state, [text]), before);
      expect(stepwise).toEqual(registry);
      expect(registry.upgrade).toEqual({ index, typ });
      expect(registry.entries).toEqual([...before.entries, ...texts]);
      expect(shown(registry)).toEqual(shown(before));
      for (const act of [
        () => requireUnderstood(registry),
        () => currentEpoch(registry, ids.svcA, '2026-11-23'),
      ])
        expect(act).toThrow(expect.objectContaining({ check: 'upgrade' }));
      // what was agreed to before can be taken back all the same
      const epoch = latestEpoch(registry, ids.svcA, '2026-11-23');
      expect(epoch).toEqual(currentEpoch(before, ids.svcA, '2026-11-23'));
    },
  );

  it.each(vectors.objects.map((each) => [each.name, each] as const))(
    'needs a newer version: %s',
    (_, each) => {
      const read = {
        charter: () => parseCharter(each.text),
        'consent-record': () => verifyConsentRecord(each.text, [], {} as ConsentGiven),
      };
      expect(read[each.kind]).toThrow(expect.objectContaining({ check: 'upgrade' }));
    },
  );
});
