import { join } from 'node:path';
import { lastLogEntry, type Transport } from '../../client/index.js';
import { throughYears, type TrustedLog } from '../../protocol/audit/trusted-logs.js';
import { refuse } from '../../protocol/encoding/errors.js';
import type { Checkpoint } from '../../protocol/log/checkpoint.js';
import {
  copied,
  growTo,
  mirrorLogs,
  published,
  requireRoot,
  rootOfCopy,
  signedCheckpoint,
  type ReadPublished,
} from '../mirror.js';
import { keepingForks, ownNote } from './forks.js';
import type { WitnessState } from './state.js';

export const MIRROR = 'mirror';

/**
 * What became of a log: its size, whether this witness now has cosigned it, and whether enough witnesses
 * have.
 */
export interface Pulled {
  readonly directory: string;
  readonly size: bigint;
  readonly witnessed: boolean;
}

/**
 * A witness that comes by itself, for partners without a server: reads each log's newest tree out of its
 * entries, back to the one that it last cosigned, cosigns it, and copies what is public. The registry first:
 * the consent log stands on it, and its last entry names the next year's logs.
 */
export async function pullOnce(state: WitnessState, transport: Transport): Promise<Pulled[]> {
  const pulled: Pulled[] = [];
  const logs = await throughYears(state.trust, async (ofYear) => {
    for (const log of ofYear) pulled.push(await pullLog(state, transport, log));
    const size = pulled.at(-ofYear.length)?.size ?? 0n;
    return ofYear[0] ? lastLogEntry(published(transport, ofYear[0]), size) : '';
  });
  state.watch(logs);
  await mirrorLogs(transport, state.trust, join(state.folder.path, MIRROR), (shown, grow) =>
    keepingForks(state, shown, grow),
  );
  return pulled;
}

async function pullLog(state: WitnessState, transport: Transport, log: TrustedLog): Promise<Pulled> {
  const read = published(transport, log);
  const note = await read('cosignatures');
  const next = signedCheckpoint(note, log);
  const shown = ownNote(new TextDecoder().decode(note), log.key);
  const step = { next, last: state.last(log.origin), log, mirror: join(state.folder.path, MIRROR) };
  await keepingForks(state, { log, shown }, () => requireGrown(read, step));
  const cosignature = state.cosign(shown).trimEnd();
  const { witnessed } = await transport.json<{ witnessed: boolean }>({
    method: 'POST',
    path: `/log/${log.directory}/cosignatures`,
    body: { size: next.size.toString(), cosignatures: [cosignature] },
  });
  return { directory: log.directory, size: next.size, witnessed };
}

interface Step {
  readonly next: Checkpoint;
  readonly last: Checkpoint | undefined;
  readonly log: TrustedLog;
  readonly mirror: string;
}

/**
 * Reads the entries up to `next` and requires that they give its root, and gave the root that was last
 * cosigned. The copy goes on from trees that others may have cosigned, so the last own one is looked for in
 * it as well.
 */
async function requireGrown(read: ReadPublished, { next, last, log, mirror }: Step): Promise<void> {
  if (last && next.size < last.size) refuse('rollback');
  const directory = join(mirror, log.directory);
  const from = await copied(log, directory);
  if (last && last.size <= from.size)
    requireRoot({ root: await rootOfCopy(directory, from.size, last.size) }, last);
  requireRoot(await growTo(read, { from, to: next.size, past: last }), next);
}
