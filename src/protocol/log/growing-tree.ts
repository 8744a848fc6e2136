import { concat } from '../encoding/bytes.js';
import { EMPTY_ROOT, foldRight, nodeHash } from './merkle.js';
import { TILE_WIDTH, type TileAddress } from './tiles.js';

const TILE_HEIGHT = 8;

export interface BuiltTile extends TileAddress {
  readonly data: Uint8Array;
}

/**
 * A tree that is built leaf by leaf and keeps its right edge only: whoever reads a log through gets every
 * tile and the root at any size, each inner node being hashed once.
 */
export class GrowingTree {
  private readonly peaks: { level: number; hash: Uint8Array }[] = [];
  private readonly rows: { index: bigint; hashes: Uint8Array[] }[] = [];
  private finished: BuiltTile[] = [];
  private leaves = 0n;

  get size(): bigint {
    return this.leaves;
  }

  get root(): Uint8Array {
    return foldRight(this.peaks.map(({ hash }) => hash)) ?? EMPTY_ROOT;
  }

  add(leafHash: Uint8Array): void {
    let node = { level: 0, hash: leafHash };
    this.place(node);
    for (let last = this.peaks.at(-1); last?.level === node.level; last = this.peaks.at(-1)) {
      this.peaks.pop();
      node = { level: node.level + 1, hash: nodeHash(last.hash, node.hash) };
      this.place(node);
    }
    this.peaks.push(node);
    this.leaves++;
  }

  /** Tiles that became full since the last call. */
  takeFullTiles(): BuiltTile[] {
    const taken = this.finished;
    this.finished = [];
    return taken;
  }

  /** The tiles at the right edge that are not full. */
  partialTiles(): BuiltTile[] {
    return this.rows.flatMap(({ index, hashes }, level) =>
      hashes.length > 0 ? [{ level, index, width: hashes.length, data: concat(...hashes) }] : [],
    );
  }

  /** A node of every eighth level is an entry of a tile. */
  private place({ level, hash }: { level: number; hash: Uint8Array }): void {
    if (level % TILE_HEIGHT !== 0) return;
    const row = (this.rows[level / TILE_HEIGHT] ??= { index: 0n, hashes: [] });
    row.hashes.push(hash);
    if (row.hashes.length < TILE_WIDTH) return;
    const data = concat(...row.hashes);
    this.finished.push({ level: level / TILE_HEIGHT, index: row.index, width: TILE_WIDTH, data });
    row.index++;
    row.hashes = [];
  }
}
