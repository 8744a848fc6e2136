import { toHex } from '../encoding/bytes.js';
import { EMPTY_ROOT } from '../log/merkle.js';
import { emptyRegistry, followRegistry, type Registry, type Trust } from '../registry/registry.js';
import type { LogReading } from './read-log.js';
import { refusalOf, type Findings } from './report.js';

/** Not fatal: whatever is not UTF-8 is no JWS either, and is refused as an entry. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Gathers the registry's clear entries, and the root that the registry log had at every size. */
export class RegistryEntries {
  readonly texts: string[] = [];
  /** False when a registry log could not be read to its end: then a root may be unknown and yet right. */
  isComplete = true;
  private readonly sizes = new Map([[toHex(EMPTY_ROOT), 0]]);
  private readonly places: string[] = [];

  constructor(private readonly findings: Findings) {}

  see({ directory, tree }: LogReading, entry: Uint8Array, index: bigint): void {
    this.texts.push(decoder.decode(entry));
    this.places.push(`${directory} entry ${index}`);
    this.sizes.set(toHex(tree.root), this.texts.length);
    this.findings.counts.entries++;
  }

  /** How many entries the registry had when this was its root; undefined if it never was. */
  sizeAt(root: Uint8Array): number | undefined {
    return this.sizes.get(toHex(root));
  }

  /** Follows the registry as far as its entries hold, and names the first that does not. */
  follow(trust: Trust): Registry {
    const empty = emptyRegistry(trust);
    const good = longestPrefix(this.texts.length, (length) => isFollowed(empty, this.texts.slice(0, length)));
    const registry = followRegistry(empty, this.texts.slice(0, good));
    for (let i = 0; i < good; i++) this.findings.count('registry');
    this.places.slice(good, good + 1).forEach((place) => {
      this.findings.attempt('registry', place, () =>
        followRegistry(registry, this.texts.slice(good, good + 1)),
      );
    });
    const { upgrade } = registry;
    if (upgrade)
      this.places.slice(upgrade.index, upgrade.index + 1).forEach((place) => this.findings.isNewer(place));
    return registry;
  }
}

/** One walk when all is well; otherwise a search for the first entry that breaks it. */
function longestPrefix(length: number, holds: (length: number) => boolean): number {
  if (holds(length)) return length;
  let [good, bad] = [0, length];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (holds(middle)) good = middle;
    else bad = middle;
  }
  return good;
}

function isFollowed(empty: Registry, texts: readonly string[]): boolean {
  try {
    followRegistry(empty, texts);
    return true;
  } catch (error) {
    refusalOf(error);
    return false;
  }
}
