import { AT_ONCE, ReadAhead } from '../../protocol/audit/read-ahead.js';
import { throughYears, type TrustedLog } from '../../protocol/audit/trusted-logs.js';
import { equalBytes } from '../../protocol/encoding/bytes.js';
import { Refused } from '../../protocol/encoding/errors.js';
import { bundlePath, parseBundle, publishedPaths, TILE_WIDTH, widthAt } from '../../protocol/log/tiles.js';
import { readCheckpoint } from '../../protocol/log/witness.js';
import type { TrustFile } from '../../protocol/schemas/trust.js';
import type { Transport } from '../device/transport.js';

const decoder = new TextDecoder();
const MOST_TRIES = 5;

/** Takes one copied file, by its path below the copy. */
export type WriteFile = (path: string, bytes: Uint8Array) => void | Promise<void>;

/**
 * Copies everything public, as any mirror would: of each log (`consent/2026`) its checkpoint, policy, tiles
 * and entries, and the text of every charter. Nothing is judged here: that is `relais verify`. Within a year
 * the consent log comes first: what it is anchored to is then in the registry.
 * @throws Error where a file of a log is not there; Refused `checkpoint` for a note that is none
 * @example
 * const files = new Map<string, Uint8Array>();
 * await copyPublicLog(transport, trust, (path, bytes) => void files.set(path, bytes));
 */
export async function copyPublicLog(transport: Transport, trust: TrustFile, write: WriteFile): Promise<void> {
  await throughYears(trust, async (ofYear) => {
    let last = '';
    for (const log of [...ofYear].reverse())
      if (await isLogPublished(transport, log)) last = await copyLog(transport, log, write);
    return last;
  });
  await copyCharters(transport, write);
}

/**
 * A new year's log is there to be copied once a quorum of its witnesses has seen it; of others it is an error
 * that they are not.
 * @throws nothing of its own
 * @example
 * const logs = await listLogs(transport, trust);
 * for (const log of logs) if (await isLogPublished(transport, log)) show(log.directory);
 */
export async function isLogPublished(
  transport: Transport,
  { directory, isAnnounced }: TrustedLog,
): Promise<boolean> {
  return !isAnnounced || (await transport.bytes(`/log/${directory}/checkpoint`)) !== undefined;
}

/**
 * The logs of all years, as the server's newest registry names them.
 * @throws Refused `checkpoint`, `policy` where the server's registry cannot be read
 * @example
 * for (const log of await listLogs(transport, trust)) show(log.directory);
 */
export function listLogs(transport: Transport, trust: TrustFile): Promise<TrustedLog[]> {
  return throughYears(trust, async ([registry]) => {
    const read = (path: string) => transport.bytes(`/log/${registry?.directory}/${path}`);
    const note = await read('cosignatures');
    return note ? lastLogEntry(read, readCheckpoint(decoder.decode(note)).size) : '';
  });
}

/** Answers the log's last entry. */
async function copyLog(transport: Transport, { directory }: TrustedLog, write: WriteFile): Promise<string> {
  const read = async (path: string): Promise<Uint8Array> => {
    const bytes = await transport.bytes(`/log/${directory}/${path}`);
    if (!bytes) throw new Error(`the log has no ${directory}/${path}`);
    return bytes;
  };
  const { checkpoint, policy } = await readHead(read);
  await write(`${directory}/checkpoint`, checkpoint);
  await write(`${directory}/policy`, policy);
  const { size } = readCheckpoint(decoder.decode(checkpoint));
  const ahead = new ReadAhead(read);
  const paths = [...publishedPaths(size)];
  for (const [i, path] of paths.entries()) {
    ahead.begin(paths.slice(i, i + AT_ONCE));
    await write(`${directory}/${path}`, (await ahead.read(path)) ?? new Uint8Array(0));
  }
  return lastLogEntry(read, size);
}

/**
 * The last entry of a log of that size, as its public files show it; empty where they show none.
 * @throws whatever `read` throws
 * @example
 * const entry = await lastLogEntry((path) => transport.bytes(`/log/registry/2030/${path}`), 12n);
 */
export async function lastLogEntry(
  read: (path: string) => Promise<Uint8Array | undefined>,
  size: bigint,
): Promise<string> {
  if (size === 0n) return '';
  const index = (size - 1n) / BigInt(TILE_WIDTH);
  const width = widthAt({ level: 0, index }, size);
  const bundle = await read(bundlePath({ index, width }));
  try {
    return decoder.decode(bundle && parseBundle(bundle, width).at(-1));
  } catch (error) {
    if (error instanceof Refused) return '';
    throw error;
  }
}

/** The policy changes when a witness is registered: both are read until they belong together. */
async function readHead(read: (path: string) => Promise<Uint8Array>) {
  for (let tries = 1; ; tries++) {
    const before = await read('checkpoint');
    const policy = await read('policy');
    const checkpoint = await read('checkpoint');
    if (tries === MOST_TRIES || equalBytes(before, checkpoint)) return { checkpoint, policy };
  }
}

/**
 * The text of every charter version.
 * @throws whatever `write` throws
 * @example
 * await copyCharters(transport, async (path, bytes) => save([path, bytes]));
 */
export async function copyCharters(transport: Transport, write: WriteFile): Promise<void> {
  const { version } = await transport.json<{ version: number }>({ method: 'GET', path: '/v1/charter' });
  for (let n = 1; n <= version; n++) {
    const { text } = await transport.json<{ text: string }>({
      method: 'GET',
      path: `/v1/charter/versions/${n}`,
    });
    await write(`charter/${n}.json`, new TextEncoder().encode(text));
  }
}
