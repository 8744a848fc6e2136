import { sha256 } from '#sha256';
import { concat, equalBytes, uint8 } from '../encoding/bytes.js';
import { refuse } from '../encoding/errors.js';

const LEAF = uint8(0);
/**
 * What an inner node is the hash of: 1, left, right. One array for all of them, as a log has as many nodes as
 * leaves.
 */
const NODE = new Uint8Array(65).fill(1, 0, 1);
/** Sizes from here on are refused: the hashes of a small proof would fit them as well. */
const MAX_SIZE = 1n << 63n;
const MAX_PROOF = 64;

/** Hash of a leaf (RFC 6962, section 2.1). */
export function leafHash(data: Uint8Array): Uint8Array {
  return sha256(concat(LEAF, data));
}

/** Hash of an inner node (RFC 6962, section 2.1). Both sides are 32 bytes. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  NODE.set(left, 1);
  NODE.set(right, 33);
  return sha256(NODE);
}

export const EMPTY_ROOT = sha256(new Uint8Array(0));

/** Reads the root of a complete subtree: leaves `n·2^level` to `(n+1)·2^level − 1`. */
export type NodeReader = (level: number, n: bigint) => Promise<Uint8Array> | Uint8Array;

/**
 * Verifies an inclusion proof (RFC 9162, section 2.1.3.2). Only `size` and `root`, of a signed checkpoint,
 * are trusted.
 */
export function verifyInclusion(
  index: bigint,
  size: bigint,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): void {
  if (index < 0n || index >= size) refuse('inclusion');
  requireHashes([leaf, root, ...proof], 'inclusion');
  let [fn, sn] = [index, size - 1n];
  let hash = leaf;
  for (const sibling of proof) {
    if (sn === 0n) refuse('inclusion');
    if (isOdd(fn) || fn === sn) {
      hash = nodeHash(sibling, hash);
      [fn, sn] = climb(fn, sn);
    } else hash = nodeHash(hash, sibling);
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  if (sn !== 0n || !equalBytes(hash, root)) refuse('inclusion');
}

/**
 * Verifies a consistency proof (RFC 9162, section 2.1.4.2). A first size of 0 is refused: it proves nothing.
 */
export function verifyConsistency(
  first: { readonly size: bigint; readonly root: Uint8Array },
  second: { readonly size: bigint; readonly root: Uint8Array },
  proof: readonly Uint8Array[],
): void {
  if (first.size <= 0n || second.size < first.size || second.size >= MAX_SIZE) refuse('consistency');
  requireHashes([first.root, second.root, ...proof], 'consistency');
  if (first.size === second.size) {
    if (proof.length > 0 || !equalBytes(first.root, second.root)) refuse('consistency');
    return;
  }
  const isPowerOfTwo = (first.size & (first.size - 1n)) === 0n;
  const [seed, ...path] = isPowerOfTwo ? [first.root, ...proof] : proof;
  if (!seed || proof.length === 0) refuse('consistency');
  const [oldRoot, newRoot] = fold(first.size, second.size, seed, path);
  if (!equalBytes(oldRoot, first.root) || !equalBytes(newRoot, second.root)) refuse('consistency');
}

function fold(
  first: bigint,
  second: bigint,
  seed: Uint8Array,
  path: readonly Uint8Array[],
): [Uint8Array, Uint8Array] {
  let [fn, sn] = [first - 1n, second - 1n];
  while (isOdd(fn)) [fn, sn] = [fn >> 1n, sn >> 1n];
  let [oldRoot, newRoot] = [seed, seed];
  for (const sibling of path) {
    if (sn === 0n) refuse('consistency');
    if (isOdd(fn) || fn === sn) {
      [oldRoot, newRoot] = [nodeHash(sibling, oldRoot), nodeHash(sibling, newRoot)];
      [fn, sn] = climb(fn, sn);
    } else newRoot = nodeHash(newRoot, sibling);
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  return sn === 0n ? [oldRoot, newRoot] : refuse('consistency');
}

/** A right edge has no sibling on its way up: skip the levels on which it is alone. */
function climb(fn: bigint, sn: bigint): [bigint, bigint] {
  while (!isOdd(fn) && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
  return [fn, sn];
}

function isOdd(value: bigint): boolean {
  return (value & 1n) === 1n;
}

function requireHashes(hashes: readonly Uint8Array[], check: string): void {
  if (hashes.length > MAX_PROOF + 2 || hashes.some((hash) => hash.length !== 32)) refuse(check);
}

/** Root over the leaves `from` to `until − 1`, out of complete subtrees. */
export async function rangeRoot(read: NodeReader, from: bigint, until: bigint): Promise<Uint8Array> {
  const hashes: Uint8Array[] = [];
  for (const [level, n] of completeSubtrees(from, until)) hashes.push(await read(level, n));
  return foldRight(hashes) ?? EMPTY_ROOT;
}

/** The inclusion proof of a leaf in the tree of `size` leaves, deepest sibling first. */
export async function inclusionProof(read: NodeReader, index: bigint, size: bigint): Promise<Uint8Array[]> {
  const proof: Uint8Array[] = [];
  let [from, until] = [0n, size];
  while (until - from > 1n) {
    const middle = from + largestPowerBelow(until - from);
    const isLeft = index < middle;
    proof.unshift(await rangeRoot(read, isLeft ? middle : from, isLeft ? until : middle));
    [from, until] = isLeft ? [from, middle] : [middle, until];
  }
  return proof;
}

/** The consistency proof between two sizes of one log (RFC 9162, section 2.1.4.1). */
export async function consistencyProof(
  read: NodeReader,
  first: bigint,
  second: bigint,
): Promise<Uint8Array[]> {
  const proof: Uint8Array[] = [];
  let [from, until] = [0n, second];
  let isWhole = true;
  while (first !== until) {
    const middle = from + largestPowerBelow(until - from);
    const isLeft = first <= middle;
    proof.unshift(await rangeRoot(read, isLeft ? middle : from, isLeft ? until : middle));
    [from, until] = isLeft ? [from, middle] : [middle, until];
    isWhole &&= isLeft;
  }
  return isWhole ? proof : [await rangeRoot(read, from, until), ...proof];
}

/** Root over all leaf hashes, in memory: for logs that are read whole. */
export function rootOf(leafHashes: readonly Uint8Array[]): Uint8Array {
  const peaks: { level: number; hash: Uint8Array }[] = [];
  for (const leaf of leafHashes) {
    let node = { level: 0, hash: leaf };
    for (let last = peaks.at(-1); last?.level === node.level; last = peaks.at(-1)) {
      peaks.pop();
      node = { level: node.level + 1, hash: nodeHash(last.hash, node.hash) };
    }
    peaks.push(node);
  }
  return foldRight(peaks.map(({ hash }) => hash)) ?? EMPTY_ROOT;
}

/** Joins subtree roots of falling height into the root over all of them. */
export function foldRight(hashes: readonly Uint8Array[]): Uint8Array | undefined {
  const last = hashes.at(-1);
  return last && hashes.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last);
}

/** The maximal complete, aligned subtrees that cover a range, from left to right. */
export function* completeSubtrees(from: bigint, until: bigint): Generator<[level: number, n: bigint]> {
  for (let at = from; at < until;) {
    let level = bitLength(until - at) - 1;
    while (level > 0 && (at & ((1n << BigInt(level)) - 1n)) !== 0n) level--;
    yield [level, at >> BigInt(level)];
    at += 1n << BigInt(level);
  }
}

function largestPowerBelow(size: bigint): bigint {
  return 1n << BigInt(bitLength(size - 1n) - 1);
}

function bitLength(value: bigint): number {
  return value.toString(2).length;
}
