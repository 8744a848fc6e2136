import { utf8 } from '../../../src/protocol/encoding/bytes.js';
import type { SigningKey } from '../../../src/protocol/crypto/keys.js';
import { formatCheckpoint } from '../../../src/protocol/log/checkpoint.js';
import { inclusionProof, leafHash, rootOf } from '../../../src/protocol/log/merkle.js';
import {
  ALGORITHM,
  cosignNote,
  formatNote,
  formatVkey,
  noteKey,
  signNote,
} from '../../../src/protocol/log/note.js';
import { formatPolicy } from '../../../src/protocol/log/policy.js';
import { formatProof } from '../../../src/protocol/log/proof.js';
import {
  bundlePath,
  formatBundle,
  tilePath,
  tilesOf,
  type TileAddress,
} from '../../../src/protocol/log/tiles.js';
import { freshKey } from '../network/founders.js';

/** One log under the hand of whoever keeps it: leaves are appended, and anything may be published. */
export class TestLog {
  constructor(
    readonly origin: string,
    readonly key: SigningKey = freshKey(),
    readonly leaves: Uint8Array[] = [],
  ) {}

  get vkey(): string {
    return formatVkey(noteKey(this.origin, ALGORITHM.log, this.key.publicKey));
  }

  add(leaf: Uint8Array): bigint {
    return BigInt(this.leaves.push(leaf) - 1);
  }

  root(size = this.leaves.length): Uint8Array {
    return rootOf(this.leaves.slice(0, size).map(leafHash));
  }

  checkpoint(size = this.leaves.length, witnesses: readonly TestWitness[] = []): string {
    const text = formatCheckpoint({ origin: this.origin, size: BigInt(size), root: this.root(size) });
    const cosigned = witnesses.map(({ name, key, time }) => cosignNote(text, name, key, time));
    return formatNote(text, [signNote(text, this.origin, this.key), ...cosigned]);
  }

  async proof(index: bigint, opening: Uint8Array, size = this.leaves.length): Promise<string> {
    const hashes = this.leaves.slice(0, size).map(leafHash);
    const nodes = (level: number, n: bigint) =>
      rootOf(hashes.slice(Number(n) << level, Number(n + 1n) << level));
    const proof = await inclusionProof(nodes, index, BigInt(size));
    return formatProof({ index, hashes: proof, checkpoint: this.checkpoint(size), extra: opening });
  }

  /** Tiles and bundles of a size, by path. */
  *files(size = this.leaves.length): Generator<[string, Uint8Array]> {
    for (const tile of tilesOf(BigInt(size))) {
      yield [tilePath(tile), this.tile(tile)];
      const from = Number(tile.index) * 256;
      if (tile.level === 0)
        yield [bundlePath(tile), formatBundle(this.leaves.slice(from, from + tile.width))];
    }
  }

  private tile({ level, index, width }: TileAddress): Uint8Array {
    const span = 256 ** level;
    const from = Number(index) * 256;
    return Uint8Array.from(
      Array.from({ length: width }, (_, i) => [
        ...rootOf(this.leaves.slice((from + i) * span, (from + i + 1) * span).map(leafHash)),
      ]).flat(),
    );
  }
}

export interface TestWitness {
  readonly name: string;
  readonly key: SigningKey;
  readonly time: bigint;
}

export interface TestPair {
  readonly consent: TestLog;
  readonly registry: TestLog;
  readonly witnesses?: readonly TestWitness[];
  readonly policy?: string;
}

export function policyOf(...logs: readonly TestLog[]): string {
  return formatPolicy(logs.map((log) => noteKey(log.origin, ALGORITHM.log, log.key.publicKey)));
}

/** Adds what both logs of a year publish. */
export function publishPair(files: Map<string, Uint8Array>, year: number, pair: TestPair): void {
  const { consent, registry, witnesses, policy = policyOf(consent, registry) } = pair;
  for (const [kind, log] of Object.entries({ consent, registry })) {
    files.set(`${kind}/${year}/policy`, utf8(policy));
    files.set(`${kind}/${year}/checkpoint`, utf8(log.checkpoint(log.leaves.length, witnesses)));
    for (const [path, bytes] of log.files()) files.set(`${kind}/${year}/${path}`, bytes);
  }
}
