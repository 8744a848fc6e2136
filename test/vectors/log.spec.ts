import { describe, expect, it } from '@jest/globals';
import { concat, fromBase64, fromHex, toBase64, toHex, utf8 } from '../../src/protocol/encoding/bytes.js';
import { signingKey } from '../../src/protocol/crypto/keys.js';
import { Refused } from '../../src/protocol/encoding/errors.js';
import { formatCheckpoint, parseCheckpoint } from '../../src/protocol/log/checkpoint.js';
import { anchorLeaf, padLeaf, padOpening, readLeaf, statementLeaf } from '../../src/protocol/log/leaves.js';
import {
  consistencyProof,
  inclusionProof,
  leafHash,
  verifyConsistency,
} from '../../src/protocol/log/merkle.js';
import { cosignNote, formatNote, formatVkey, parseVkey, signNote } from '../../src/protocol/log/note.js';
import { parsePolicy } from '../../src/protocol/log/policy.js';
import {
  formatProof,
  openCheckpoint,
  parseProof,
  verifyStatementProof,
} from '../../src/protocol/log/proof.js';
import { formatBundle, parseBundle, parseTilePath } from '../../src/protocol/log/tiles.js';
import {
  type Consistency,
  vectors,
  policy,
  provisional,
  consent,
  registry,
  statements,
  leafData,
  hashes,
  inMemory,
} from '../support/log/log-vectors.js';

describe('the leaves of the vectors', () => {
  it('hide statements, are pads, or anchor the registry', () => {
    for (const statement of statements.values()) {
      const leaf = statementLeaf(consent.log, fromHex(statement.opening), statement.jws);
      expect(toHex(leaf)).toBe(statement.leafData);
      expect(consent.leaves[statement.index]?.data).toBe(statement.leafData);
    }
    const { index, opening } = vectors.padOpeningExample;
    expect(toHex(padOpening(fromHex(vectors.padSeed), BigInt(index)))).toBe(opening);
    for (const leaf of consent.leaves) {
      expect(toHex(leafHash(fromHex(leaf.data)))).toBe(leaf.leafHash);
      const pad = padLeaf(consent.log, padOpening(fromHex(vectors.padSeed), BigInt(leaf.index)));
      if (leaf.what === 'pad') expect(leaf.data).toBe(toHex(pad));
      const { anchor } = readLeaf(fromHex(leaf.data));
      expect(anchor !== undefined).toBe(leaf.what === 'anchor');
      if (anchor) expect(registry.roots).toContain(toHex(anchor));
    }
    expect(toHex(anchorLeaf(fromHex(registry.roots[9] ?? '')))).toBe(consent.leaves[0]?.data);
  });

  it.each(vectors.refused.leaves.slice(0, 4).map((c) => [c.name, c] as const))(
    'refuse: %s',
    (_, { data }) => {
      expect(() => readLeaf(fromHex(data))).toThrow(Refused);
    },
  );
});

describe('the notes of the vectors', () => {
  it('are signed to the byte', () => {
    for (const { log, size, note } of vectors.checkpoints.filter((c) => c.name === 'provisional')) {
      const { origin, keySeed, roots } = vectors.logs[log];
      const text = formatCheckpoint({ origin, size: BigInt(size), root: fromHex(roots[Number(size)] ?? '') });
      expect(formatNote(text, [signNote(text, origin, signingKey(fromHex(keySeed)))])).toBe(note);
      expect(formatCheckpoint(parseCheckpoint(text))).toBe(text);
    }
    for (const { witness, time, message, line } of vectors.cosignatures) {
      const { keyName, seed } = vectors.witnesses.find((w) => w.name === witness) ?? {
        keyName: '',
        seed: '',
      };
      const text = message.split('\n').slice(2).join('\n');
      expect(cosignNote(text, keyName, signingKey(fromHex(seed)), BigInt(time))).toBe(line);
    }
    for (const { vkey } of [consent, registry, ...vectors.witnesses])
      expect(formatVkey(parseVkey(vkey))).toBe(vkey);
  });

  it('meet the policy where the vectors say so', () => {
    for (const { note, meetsPolicy, size } of vectors.checkpoints) {
      const { checkpoint, signatures } = openCheckpoint(note, policy);
      expect([checkpoint.size, policy.isMet(signatures)]).toEqual([BigInt(size), meetsPolicy]);
    }
  });

  it.each(vectors.refused.notes.map((c) => [c.name, c] as const))('are refused: %s', (_, { note }) => {
    expect(() => {
      if (!policy.isMet(openCheckpoint(utf8(note), policy).signatures)) throw new Refused('quorum');
    }).toThrow(Refused);
  });

  it.each(vectors.refused.policies.map((c) => [c.name, c] as const))(
    'policies are refused: %s',
    (_, { text }) => {
      expect(() => parsePolicy(text)).toThrow(Refused);
    },
  );
});

describe('the proofs of the vectors', () => {
  it('verify, and are written again to the byte', async () => {
    for (const proof of vectors.proofs.filter((p) => p.log === 'consent')) {
      const statement = statements.get(proof.statement ?? '');
      const used = proof.degree === 'final' ? policy : provisional;
      if (!statement) continue;
      expect(verifyStatementProof(consent.log, statement.jws, proof.text, used).index).toBe(
        BigInt(proof.index),
      );
      const parsed = parseProof(proof.text);
      const hashed = await inclusionProof(
        inMemory(hashes('consent').slice(0, Number(proof.size))),
        parsed.index,
        BigInt(proof.size),
      );
      expect(parsed.hashes).toEqual(hashed);
      expect(formatProof(parsed)).toBe(proof.text);
    }
  });

  it.each(vectors.refused.proofs.map((c) => [c.name, c] as const))(
    'are refused: %s',
    (_, { statement, text, jws: changed }) => {
      const jws = changed ?? statements.get(statement)?.jws ?? '';
      expect(() => verifyStatementProof(consent.log, jws, text, policy)).toThrow(Refused);
    },
  );

  it('show consistency, and nothing else', async () => {
    for (const c of vectors.consistency) {
      verifyConsistency(...pair(c), c.proof.map(fromBase64));
      const made = await consistencyProof(inMemory(hashes(c.log)), BigInt(c.from), BigInt(c.to));
      expect(made.map(toBase64)).toEqual(c.proof);
    }
    for (const c of vectors.refused.consistency)
      expect(() => verifyConsistency(...pair(c), c.proof.map(fromBase64))).toThrow(Refused);
  });
});

function pair(c: Consistency) {
  return [
    { size: BigInt(c.from), root: fromBase64(c.fromRoot) },
    { size: BigInt(c.to), root: fromBase64(c.toRoot) },
  ] as const;
}

describe('the entry bundles of the vectors', () => {
  it('are the entries with their lengths', () => {
    for (const { log, path, base64 } of vectors.tiles.filter((tile) => tile.path.includes('entries'))) {
      const { index, width } = parseTilePath(path.slice('tile/'.length)) ?? { index: 0n, width: 0 };
      const wanted = leafData[log].slice(Number(index) * 256, Number(index) * 256 + width);
      expect(toBase64(formatBundle(wanted))).toBe(base64);
      expect(parseBundle(fromBase64(base64), width)).toEqual(wanted);
    }
  });

  it.each(vectors.refused.bundles.map((c) => [c.name, c] as const))('are refused: %s', (_, { base64 }) => {
    expect(() => parseBundle(fromBase64(base64), 1)).toThrow(Refused);
  });

  it('are refused with another number of entries', () => {
    expect(() => parseBundle(concat(), 1)).toThrow(Refused);
  });
});
