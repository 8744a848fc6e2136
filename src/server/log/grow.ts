import type { PoolClient } from 'pg';
import { leafHash } from '../../protocol/log/merkle.js';
import { appendLeaves } from '../../protocol/log/tiles.js';
import type { Head } from './heads.js';
import { readEdge, writeEntries, writeTiles } from './tree.js';

/**
 * Appends entries to a log's bundles and tiles; answers the new size and root, which nobody has signed yet.
 */
export async function growTree(
  tx: PoolClient,
  head: Pick<Head, 'log' | 'size'>,
  entries: readonly Uint8Array[],
): Promise<{ size: bigint; root: Uint8Array }> {
  const edge = await readEdge(tx, head.log, head.size);
  const { tiles, size, root } = appendLeaves(edge, head.size, entries.map(leafHash));
  await writeEntries(tx, head, entries);
  await writeTiles(tx, head.log, tiles);
  return { size, root };
}
