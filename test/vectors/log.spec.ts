import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { concat, fromBase64, fromHex, toBase64, toHex, utf8 } from '../../src/protocol/bytes.js';
import { sha256 } from '../../src/protocol/crypto/sha256.js';
import { signingKey } from '../../src/protocol/crypto/keys.js';
import { Refused } from '../../src/protocol/errors.js';
import { formatCheckpoint, parseCheckpoint } from '../../src/protocol/log/checkpoint.js';
import { anchorLeaf, padLeaf, padOpening, readLeaf, statementLeaf } from '../../src/protocol/log/leaves.js';
import {
  consistencyProof,
  inclusionProof,
  leafHash,
  rangeRoot,
  rootOf,
  verifyConsistency,
  verifyInclusion,
  type NodeReader,
} from '../../src/protocol/log/merkle.js';
import { cosignNote, formatNote, formatVkey, parseVkey, signNote } from '../../src/protocol/log/note.js';
import { parsePolicy } from '../../src/protocol/log/policy.js';
import { formatProof, openCheckpoint, parseProof, verifyStatementProof } from '../../src/protocol/log/proof.js';
import {
  appendLeaves,
  bundlePath,
  formatBundle,
  nodesFromTiles,
  parseBundle,
  parseTilePath,
  tilePath,
  tilesOf,
  type Edge,
} from '../../src/protocol/log/tiles.js';

function read<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8')) as T;
}

interface Named {
  readonly name: string;
}
interface Consistency extends Named {
  readonly log: 'consent' | 'registry';
  readonly from: string;
  readonly to: string;
  readonly fromRoot: string;
  readonly toRoot: string;
  readonly proof: string[];
}
interface LogVectors {
  readonly padSeed: string;
  readonly padOpeningExample: { index: string; opening: string };
  readonly logs: {
    consent: {
      log: string;
      origin: string;
      keySeed: string;
      vkey: string;
      leaves: { index: number; what: string; data: string; leafHash: string }[];
      roots: string[];
    };
    registry: { origin: string; keySeed: string; vkey: string; roots: string[] };
  };
  readonly witnesses: { name: string; keyName: string; seed: string; vkey: string }[];
  readonly policy: string;
  readonly provisionalPolicy: string;
  readonly checkpoints: { name: string; log: 'consent' | 'registry'; size: string; note: string; meetsPolicy: boolean }[];
  readonly cosignatures: { witness: string; time: string; message: string; line: string }[];
  readonly proofs: { log: string; statement?: string; index: string; size: string; degree: string; text: string }[];
  readonly consistency: Consistency[];
  readonly tiles: { log: 'consent' | 'registry'; path: string; base64: string }[];
  readonly longTree: {
    padSeed: string;
    roots: { size: number; root: string }[];
    tiles: { treeSize: number; path: string; bytes: number; sha256: string }[];
  };
  readonly tilePaths: { level: string; index: string; width: number; path: string }[];
  readonly refused: {
    proofs: (Named & { statement: string; text: string; jws?: string })[];
    notes: (Named & { note: string })[];
    policies: (Named & { text: string })[];
    consistency: Consistency[];
    leaves: (Named & { data: string })[];
    bundles: (Named & { base64: string })[];
  };
}

const vectors = read<LogVectors>('log.json');
const { consents, erasure } = read<{
  consents: { statements: StatementVector[] }[];
  erasure: StatementVector[];
}>('statements.json');
const { entries } = read<{ entries: { jws: string }[] }>('registry.json');
const merkle = read<{ inclusion: MerkleCase[]; consistency: MerkleCase[] }>('merkle/merkle.json');
const policy = parsePolicy(vectors.policy);
const provisional = parsePolicy(vectors.provisionalPolicy);
const { consent, registry } = vectors.logs;
const statements = new Map([...consents.flatMap((c) => c.statements), ...erasure].map((s) => [s.name, s]));

interface StatementVector {
  readonly name: string;
  readonly jws: string;
  readonly opening: string;
  readonly leafData: string;
  readonly index: number;
}
type MerkleCase = { readonly desc: string; readonly valid: boolean; readonly proof: string[] } & Record<string, string>;

const leafData = {
  consent: consent.leaves.map((leaf) => fromHex(leaf.data)),
  registry: entries.map((entry) => utf8(entry.jws)),
};

function hashes(log: 'consent' | 'registry'): Uint8Array[] {
  return leafData[log].map(leafHash);
}

/** Reads complete subtrees out of a list of leaf hashes, in the plainest way there is. */
function inMemory(leaves: readonly Uint8Array[]): NodeReader {
  return (level, n) => rootOf(leaves.slice(Number(n) << level, Number(n + 1n) << level));
}

describe('the tree of the vectors', () => {
  it.each(merkle.inclusion.map((c) => [c.desc, c] as const))('judges inclusion: %s', (_, c) => {
    const judge = (): void =>
      verifyInclusion(BigInt(c['index'] ?? ''), BigInt(c['size'] ?? ''), bytes(c['leaf']), c.proof.map(bytes), bytes(c['root']));
    if (c.valid) expect(judge).not.toThrow();
    else expect(judge).toThrow(Refused);
  });

  it.each(merkle.consistency.map((c) => [c.desc, c] as const))('judges consistency: %s', (_, c) => {
    const first = { size: BigInt(c['size1'] ?? ''), root: bytes(c['root1']) };
    const second = { size: BigInt(c['size2'] ?? ''), root: bytes(c['root2']) };
    const judge = (): void => verifyConsistency(first, second, c.proof.map(bytes));
    if (c.valid) expect(judge).not.toThrow();
    else expect(judge).toThrow(Refused);
  });

  it('has the published root at every size, however the leaves are appended', async () => {
    for (const log of ['consent', 'registry'] as const) {
      let edge: Edge = [];
      const leaves = hashes(log);
      for (const [i, leaf] of leaves.entries()) {
        const appended = appendLeaves(edge, BigInt(i), [leaf]);
        edge = appended.edge;
        expect(toHex(appended.root)).toBe(vectors.logs[log].roots[i + 1]);
        expect(rootOf(leaves.slice(0, i + 1))).toEqual(appended.root);
      }
      const at = BigInt(leaves.length);
      expect(await rangeRoot(inMemory(leaves), 0n, at)).toEqual(appendLeaves([], 0n, leaves).root);
    }
  });

  it('gives proofs that verify, for every leaf and every pair of sizes', async () => {
    const leaves = hashes('consent').slice(0, 70);
    const nodes = inMemory(leaves);
    const last = { size: 70n, root: rootOf(leaves) };
    for (let i = 0; i < 70; i++) {
      const proof = await inclusionProof(nodes, BigInt(i), 70n);
      verifyInclusion(BigInt(i), 70n, leaves[i] as Uint8Array, proof, last.root);
      const first = { size: BigInt(i + 1), root: rootOf(leaves.slice(0, i + 1)) };
      verifyConsistency(first, last, await consistencyProof(nodes, first.size, 70n));
    }
  });

  it('has the tiles of the vectors, and reads nodes back out of them', async () => {
    for (const { log, path, base64 } of vectors.tiles.filter((tile) => !tile.path.includes('entries'))) {
      const { tiles } = appendLeaves([], 0n, hashes(log));
      const found = tiles.find((tile) => path.startsWith(tilePath({ ...tile, width: 256 })));
      const expected = fromBase64(base64);
      expect(found?.data.slice(0, expected.length)).toEqual(expected);
    }
    const long = longTree(600);
    for (const { treeSize, path, bytes: length, sha256: digest } of vectors.longTree.tiles.filter((t) => !t.path.includes('entries'))) {
      const { tiles } = appendLeaves([], 0n, long.slice(0, treeSize));
      const tile = tiles.find((t) => tilePath(t) === path);
      expect([tile?.data.length, tile && toHex(sha256(tile.data))]).toEqual([length, digest]);
    }
    for (const { size, root } of vectors.longTree.roots) {
      expect(toHex(appendLeaves([], 0n, long.slice(0, size)).root)).toBe(root);
    }
    const all = appendLeaves([], 0n, long);
    const nodes = nodesFromTiles((wanted) => {
      const tile = all.tiles.find((t) => t.level === wanted.level && t.index === wanted.index);
      return Promise.resolve((tile as { data: Uint8Array }).data);
    });
    verifyInclusion(257n, 600n, long[257] as Uint8Array, await inclusionProof(nodes, 257n, 600n), all.root);
  });

  it('names tiles as the vectors do, and reads the names back', () => {
    for (const { level, index, width, path } of vectors.tilePaths) {
      const address = { level: Number(level), index: BigInt(index), width };
      expect(tilePath(address)).toBe(path);
      expect(parseTilePath(path.slice('tile/'.length))).toEqual({ ...address, isEntries: false });
    }
    expect(bundlePath({ index: 1234067n, width: 3 })).toBe('tile/entries/x001/x234/067.p/3');
    for (const bad of ['0/0', '0/000.p/0', '0/000.p/256', '0/x000/001', '64/000', '0/x1/000', 'entries/../0'])
      expect(parseTilePath(bad)).toBeUndefined();
    expect([...tilesOf(257n)].map(tilePath)).toEqual(['tile/0/000', 'tile/0/001.p/1', 'tile/1/000.p/1']);
  });
});

function bytes(base64 = ''): Uint8Array {
  return fromBase64(base64);
}

function longTree(size: number): Uint8Array[] {
  const seed = fromHex(vectors.longTree.padSeed);
  return Array.from({ length: size }, (_, i) => leafHash(padLeaf(consent.log, padOpening(seed, BigInt(i)))));
}

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

  it.each(vectors.refused.leaves.slice(0, 4).map((c) => [c.name, c] as const))('refuse: %s', (_, { data }) => {
    expect(() => readLeaf(fromHex(data))).toThrow(Refused);
  });
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
      const { keyName, seed } = vectors.witnesses.find((w) => w.name === witness) ?? { keyName: '', seed: '' };
      const text = message.split('\n').slice(2).join('\n');
      expect(cosignNote(text, keyName, signingKey(fromHex(seed)), BigInt(time))).toBe(line);
    }
    for (const { vkey } of [consent, registry, ...vectors.witnesses]) expect(formatVkey(parseVkey(vkey))).toBe(vkey);
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

  it.each(vectors.refused.policies.map((c) => [c.name, c] as const))('policies are refused: %s', (_, { text }) => {
    expect(() => parsePolicy(text)).toThrow(Refused);
  });
});

describe('the proofs of the vectors', () => {
  it('verify, and are written again to the byte', async () => {
    for (const proof of vectors.proofs.filter((p) => p.log === 'consent')) {
      const statement = statements.get(proof.statement ?? '');
      const used = proof.degree === 'final' ? policy : provisional;
      if (!statement) continue;
      expect(verifyStatementProof(consent.log, statement.jws, proof.text, used).index).toBe(BigInt(proof.index));
      const parsed = parseProof(proof.text);
      const hashed = await inclusionProof(inMemory(hashes('consent').slice(0, Number(proof.size))), parsed.index, BigInt(proof.size));
      expect(parsed.hashes).toEqual(hashed);
      expect(formatProof(parsed)).toBe(proof.text);
    }
  });

  it.each(vectors.refused.proofs.map((c) => [c.name, c] as const))('are refused: %s', (_, { statement, text, jws: changed }) => {
    const jws = changed ?? statements.get(statement)?.jws ?? '';
    expect(() => verifyStatementProof(consent.log, jws, text, policy)).toThrow(Refused);
  });

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
