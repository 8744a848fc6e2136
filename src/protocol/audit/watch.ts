import type { LogReading } from './read-log.js';

/** What cases and kept checkpoints speak of, to be picked out while the logs are read through once. */
export class Watch {
  private readonly leaves = new Map<string, Uint8Array | undefined>();
  private readonly roots = new Map<string, Uint8Array | undefined>();

  wantLeaf(origin: string, index: bigint): void {
    this.leaves.set(`${origin} ${index}`, undefined);
  }

  wantRoot(origin: string, size: bigint): void {
    this.roots.set(`${origin} ${size}`, undefined);
  }

  /** Called with every entry, after it was added to the tree. */
  see({ origin, tree }: LogReading, entry: Uint8Array, index: bigint): void {
    const leaf = `${origin} ${index}`;
    if (this.leaves.has(leaf)) this.leaves.set(leaf, entry.slice());
    const size = `${origin} ${tree.size}`;
    if (this.roots.has(size)) this.roots.set(size, tree.root);
  }

  /** The entry of that index; undefined beyond the end of the copy. */
  leaf(origin: string, index: bigint): Uint8Array | undefined {
    return this.leaves.get(`${origin} ${index}`);
  }

  /** The root at that size; undefined beyond the end of the copy. */
  root(origin: string, size: bigint): Uint8Array | undefined {
    return this.roots.get(`${origin} ${size}`);
  }
}
