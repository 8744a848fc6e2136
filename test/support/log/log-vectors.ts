import { fromHex, utf8 } from '../../../src/protocol/encoding/bytes.js';
import { leafHash, rootOf, type NodeReader } from '../../../src/protocol/log/merkle.js';
import { parsePolicy } from '../../../src/protocol/log/policy.js';
import { readVectors } from './vectors.js';

export interface Named {
  readonly name: string;
}
export interface Consistency extends Named {
  readonly log: 'consent' | 'registry';
  readonly from: string;
  readonly to: string;
  readonly fromRoot: string;
  readonly toRoot: string;
  readonly proof: string[];
}
export interface LogVectors {
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
  readonly checkpoints: {
    name: string;
    log: 'consent' | 'registry';
    size: string;
    note: string;
    meetsPolicy: boolean;
  }[];
  readonly cosignatures: { witness: string; time: string; message: string; line: string }[];
  readonly proofs: {
    log: string;
    statement?: string;
    index: string;
    size: string;
    degree: string;
    text: string;
  }[];
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

export const vectors = readVectors('log.json') as LogVectors;
export const { consents, erasure } = readVectors('statements.json') as {
  consents: { statements: StatementVector[] }[];
  erasure: StatementVector[];
};
export const { entries } = readVectors('registry.json') as { entries: { jws: string }[] };
export const merkle = readVectors('merkle/merkle.json') as {
  inclusion: MerkleCase[];
  consistency: MerkleCase[];
};
export const policy = parsePolicy(vectors.policy);
export const provisional = parsePolicy(vectors.provisionalPolicy);
export const { consent, registry } = vectors.logs;
export const statements = new Map(
  [...consents.flatMap((c) => c.statements), ...erasure].map((s) => [s.name, s]),
);

export interface StatementVector {
  readonly name: string;
  readonly jws: string;
  readonly opening: string;
  readonly leafData: string;
  readonly index: number;
}
export type MerkleCase = {
  readonly desc: string;
  readonly valid: boolean;
  readonly proof: string[];
} & Record<string, string>;

export const leafData = {
  consent: consent.leaves.map((leaf) => fromHex(leaf.data)),
  registry: entries.map((entry) => utf8(entry.jws)),
};

export function hashes(log: 'consent' | 'registry'): Uint8Array[] {
  return leafData[log].map(leafHash);
}

/** Reads complete subtrees out of a list of leaf hashes, in the plainest way there is. */
export function inMemory(leaves: readonly Uint8Array[]): NodeReader {
  return (level, n) => rootOf(leaves.slice(Number(n) << level, Number(n + 1n) << level));
}
