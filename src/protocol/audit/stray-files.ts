import { equalBytes } from '../encoding/bytes.js';
import { refuse } from '../encoding/errors.js';
import { bundlePath, formatBundle, parseBundle, parseTilePath, tilePath, widthAt } from '../log/tiles.js';
import type { LogCopy } from './read-log.js';

type Tile = NonNullable<ReturnType<typeof parseTilePath>>;

/**
 * Looks at the files that no log of these sizes needs. A mirror rightly keeps partial tiles of earlier sizes:
 * they must be beginnings of today's. Anything else below `consent/` or `registry/` does not belong there.
 */
export async function verifyStrayFiles(
  copy: LogCopy,
  sizes: ReadonlyMap<string, bigint | undefined>,
  expected: ReadonlySet<string>,
): Promise<void> {
  if (!copy.files.list) {
    copy.findings.leavesOpen('unlisted-files');
    return;
  }
  for (const path of await copy.files.list()) {
    if (expected.has(path)) continue;
    if (/^(consent|registry)\//.test(path)) await verifyLogFile(copy, path, sizes);
    else copy.findings.hasUnknown(path);
  }
}

async function verifyLogFile(
  copy: LogCopy,
  path: string,
  sizes: ReadonlyMap<string, bigint | undefined>,
): Promise<void> {
  const [, directory = '', name = ''] = /^([a-z]+\/[^/]+)\/(.*)$/s.exec(path) ?? [];
  if (sizes.has(directory) && (name === 'policy' || name === 'checkpoint')) return;
  const tile = parseTilePath(name.replace(/^tile\//, ''));
  if (!sizes.has(directory) || !tile || !name.startsWith('tile/')) {
    copy.findings.expect('files', false, path, 'unknown');
    return;
  }
  const size = sizes.get(directory);
  // a log that could not be read has a finding of its own
  if (size !== undefined) await verifyTileFile(copy, { path, directory, tile, width: widthAt(tile, size) });
}

interface Found {
  readonly path: string;
  readonly directory: string;
  readonly tile: Tile;
  readonly width: number;
}

async function verifyTileFile(copy: LogCopy, { path, directory, tile, width }: Found): Promise<void> {
  if (tile.width === width) return;
  if (tile.width > width) {
    copy.findings.expect('files', false, path, 'beyond-the-log');
    return;
  }
  const now = { ...tile, width };
  const whole = await copy.files.read(`${directory}/${tile.isEntries ? bundlePath(now) : tilePath(now)}`);
  const old = await copy.files.read(path);
  copy.findings.attempt('files', path, () => requireBeginning(old, whole, now, tile.width));
}

function requireBeginning(
  old: Uint8Array | undefined,
  whole: Uint8Array | undefined,
  now: Tile,
  width: number,
): void {
  const beginning =
    whole && (now.isEntries ? firstEntries(whole, now, width) : whole.subarray(0, 32 * width));
  if (!old || !beginning || !equalBytes(old, beginning)) refuse('not-of-these-entries');
}

function firstEntries(whole: Uint8Array, now: Tile, width: number): Uint8Array {
  return formatBundle(parseBundle(whole, now.width).slice(0, width));
}
