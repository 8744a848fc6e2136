import { parseCheckpoint, type Checkpoint } from '../../src/protocol/log/checkpoint.js';
import { leafHash, rootOf } from '../../src/protocol/log/merkle.js';
import { parseBundle, parseTilePath, publishedPaths } from '../../src/protocol/log/tiles.js';
import { openCheckpoint } from '../../src/protocol/log/proof.js';
import { parsePolicy } from '../../src/protocol/log/policy.js';
import { concat, equalBytes } from '../../src/protocol/encoding/bytes.js';
import { Cosignatures } from '../../src/server/log/cosignatures.js';
import type { LogAddress } from '../../src/server/log/published.js';
import type { Logs } from '../support/log/logs.js';

export interface Mirror {
  readonly checkpoint: Checkpoint;
  readonly entries: readonly Uint8Array[];
}

/** Copies a published log as a stranger would, and checks signature, tiles and root over the entries. */
export async function mirror(
  logs: Logs,
  kind: LogAddress['kind'],
  year = logs.identity[kind].year,
): Promise<Mirror> {
  const address = { kind, year };
  const note = (await logs.published.checkpoint(address)) ?? '';
  const { checkpoint } = openCheckpoint(note, parsePolicy(await policyOf(logs, year)));
  const entries: Uint8Array[] = [];
  const lowest: Uint8Array[] = [];
  for (const path of publishedPaths(checkpoint.size)) {
    const tile = parseTilePath(path.slice('tile/'.length));
    const bytes = await logs.published.tile(address, path.slice('tile/'.length));
    if (!tile || !bytes) throw new Error(`the log has no ${path}`);
    if (tile.isEntries) entries.push(...parseBundle(bytes, tile.width));
    else if (tile.level === 0) lowest.push(bytes);
  }
  const hashes = entries.map(leafHash);
  if (!equalBytes(concat(...lowest), concat(...hashes))) throw new Error('tiles and entries differ');
  if (!equalBytes(rootOf(hashes), checkpoint.root)) throw new Error('entries and root differ');
  return { checkpoint: parseCheckpoint(note.slice(0, note.indexOf('\n\n') + 1)), entries };
}

/** As the server writes it, of a year without witnesses. */
function policyOf(logs: Logs, year: number): Promise<string> {
  return new Cosignatures(logs.database.app, logs.identity.network).policy(year, 0n);
}
