import { describe, expect, it } from '@jest/globals';
import { fromBase64, fromHex, toHex } from '../../src/protocol/encoding/bytes.js';
import { sha256 } from '../../src/protocol/crypto/sha256.js';
import { Refused } from '../../src/protocol/encoding/errors.js';
import { padLeaf, padOpening } from '../../src/protocol/log/leaves.js';
import {
  completeSubtrees,
  consistencyProof,
  inclusionProof,
  leafHash,
  rangeRoot,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from '../../src/protocol/log/merkle.js';
import {
  appendLeaves,
  bundlePath,
  nodesFromTiles,
  parseTilePath,
  tilePath,
  tilesOf,
  type Edge,
} from '../../src/protocol/log/tiles.js';
import { vectors, merkle, consent, hashes, inMemory } from '../support/log/log-vectors.js';

describe('the tree of the vectors', () => {
  it.each(merkle.inclusion.map((c) => [c.desc, c] as const))('judges inclusion: %s', (_, c) => {
    const judge = (): void =>
      verifyInclusion(
        BigInt(c['index'] ?? ''),
        BigInt(c['size'] ?? ''),
        bytes(c['leaf']),
        c.proof.map(bytes),
        bytes(c['root']),
      );
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
    for (const { treeSize, path, bytes: length, sha256: digest } of vectors.longTree.tiles.filter(
      (t) => !t.path.includes('entries'),
    )) {
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

  it('covers any range by the largest subtrees that fit', () => {
    const subtrees = (from: bigint, until: bigint) => [...completeSubtrees(from, until)];
    expect(subtrees(1n, 7n)).toEqual([
      [0, 1n],
      [1, 1n],
      [1, 2n],
      [0, 6n],
    ]);
    expect(subtrees(3n, 3n)).toEqual([]);
    expect(subtrees(0n, 8n)).toEqual([[3, 0n]]);
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
