import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { equalBytes, fromBase64, toBase64 } from '../../protocol/encoding/bytes.js';
import { EMPTY_ROOT } from '../../protocol/log/merkle.js';
import { readIfThere, replaceFile } from './files.js';
import { DatabaseBehind, SigningRefused } from './signing-refused.js';

/** The last tree head that was signed and may have been seen. */
export interface Fenced {
  readonly size: bigint;
  readonly root: Uint8Array;
}

/** Where nothing was signed yet. */
export const NOTHING: Fenced = { size: 0n, root: EMPTY_ROOT };

const FENCE = /^([^\n]+)\n(0|[1-9][0-9]{0,18})\n([A-Za-z0-9+/]{43}=)\n$/;

/**
 * The memory of what was signed, outside the database: after a restore from an old dump the database does not
 * know, and would sign another tree of the same size. It lies beside the log's keys; whoever moves one moves
 * both.
 */
export class Fence {
  private readonly path: string;

  constructor(
    dataDirectory: string,
    private readonly origin: string,
  ) {
    this.path = join(dataDirectory, 'fence', origin.replaceAll('/', '-'));
  }

  /**
   * Undefined if nothing was ever signed here. Throws if the file is damaged: then nobody knows what was
   * signed.
   */
  async read(): Promise<Fenced | undefined> {
    const text = await readIfThere(this.path);
    if (text === undefined) return undefined;
    const [, origin, size, root] = FENCE.exec(text) ?? [];
    if (origin !== this.origin || size === undefined || root === undefined)
      throw new SigningRefused('the fence is damaged');
    return { size: BigInt(size), root: fromBase64(root) };
  }

  async write(head: Fenced): Promise<void> {
    await replaceFile(this.path, `${this.origin}\n${head.size}\n${toBase64(head.root)}\n`);
  }
}

/** The fences of a data directory, of every year, by the origins of their logs. */
export async function readFences(dataDirectory: string): Promise<Map<string, Fenced>> {
  const fences = new Map<string, Fenced>();
  const folder = join(dataDirectory, 'fence');
  for (const name of await readdir(folder).catch(() => [])) {
    const [, origin, size, root] = FENCE.exec((await readIfThere(join(folder, name))) ?? '') ?? [];
    if (origin !== undefined && size !== undefined && root !== undefined)
      fences.set(origin, { size: BigInt(size), root: fromBase64(root) });
  }
  return fences;
}

/**
 * Refuses to go on when the fence is ahead of the database or saw another tree. A fence that is behind is the
 * rule after a crash between commit and fence, and where another replica signed; `rootAt` tells the tree's
 * root at its size.
 */
export async function requireBehind(
  fenced: Fenced | undefined,
  head: Fenced,
  rootAt: (size: bigint) => Promise<Uint8Array>,
): Promise<void> {
  if (fenced === undefined) {
    if (head.size > 0n)
      throw new SigningRefused('this machine has the log key but no fence: copy both from the last signer');
    return;
  }
  if (fenced.size > head.size)
    throw new DatabaseBehind(
      'the database is older than what was signed: it was put back to an earlier state',
    );
  const root = fenced.size === head.size ? head.root : await rootAt(fenced.size);
  if (!equalBytes(root, fenced.root)) throw new DatabaseBehind('another tree of that size was signed');
}
