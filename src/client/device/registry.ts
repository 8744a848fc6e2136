import { equalBytes, utf8 } from '../../protocol/encoding/bytes.js';
import { refuse, Refused } from '../../protocol/encoding/errors.js';
import type { Checkpoint } from '../../protocol/log/checkpoint.js';
import { leafHash, rootOf } from '../../protocol/log/merkle.js';
import { openNote, parseVkey, type NoteKey } from '../../protocol/log/note.js';
import { formatPolicy, parsePolicy, type Policy } from '../../protocol/log/policy.js';
import { openCheckpoint } from '../../protocol/log/proof.js';
import { bundlePath, parseBundle, tilesOf } from '../../protocol/log/tiles.js';
import { emptyRegistry, followRegistry, type Registry } from '../../protocol/registry/registry.js';
import { requireOwnKey } from '../../protocol/registry/registry-logs.js';
import { policyAt } from '../../protocol/registry/registry-witnesses.js';
import type { TrustFile } from '../../protocol/schemas/trust.js';
import type { NetworkState, RegistryState } from './state.js';
import { logPath } from './log-path.js';
import type { Transport } from './transport.js';

const decoder = new TextDecoder('utf-8', { fatal: true });
const BUNDLE = 256;

/** The registry log of one year, and how many entries those before it have. */
interface YearLog {
  readonly key: NoteKey;
  readonly first: number;
}

interface Read {
  readonly registry: Registry;
  /** The newest log's newest signed note. */
  readonly note: Uint8Array;
}

/**
 * The registry as a trust file lets anybody read it, without a device.
 * @throws Refused
 * @example
 * const registry = await followTrusted(transport, trust);
 * show(registry.organisations.size);
 */
export function followTrusted(transport: Transport, trust: TrustFile): Promise<Registry> {
  const policy = formatPolicy([...trust.logs.consent, ...trust.logs.registry].map(parseVkey));
  const registry = { entries: [], checkpoint: null };
  return new RegistryFollower(transport, { issuer: transport.issuer, trust, policy, registry }).follow();
}

/**
 * Follows the whole registry: only so does anybody know that a key is current and that the log never said
 * anything else. Keeps every entry, so each new root is computed here and never believed.
 */
export class RegistryFollower {
  /** As the network's founders wrote it down: the logs of the first year. */
  private readonly paper: Policy;
  private known: Registry;
  private checkpoint: string | null;
  /** Entries that were seen, and that a restore has lost. */
  private lost: readonly string[];
  /**
   * The last look at the log: a second one that begins meanwhile waits for it, or both would add the same
   * entries.
   */
  private looking: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly transport: Transport,
    network: NetworkState,
  ) {
    this.paper = parsePolicy(network.policy);
    this.checkpoint = network.registry.checkpoint;
    this.lost = network.registry.lost ?? [];
    this.known = followRegistry(emptyRegistry(network.trust), network.registry.entries);
  }

  /** What an app keeps, so that a log that goes back or splits is noticed at the next start as well. */
  get state(): RegistryState {
    const lost = this.lost.length === 0 ? {} : { lost: this.lost };
    return { entries: this.known.entries, checkpoint: this.checkpoint, ...lost };
  }

  /** The registry as far as it was followed. */
  get registry(): Registry {
    return this.known;
  }

  /**
   * Whose signatures are believed: the logs of the founding, and those of later years that the registry has
   * named.
   */
  get policy(): Policy {
    return this.policyOf(this.known);
  }

  /** The others are in the registry again, or nobody needs them any more. */
  setLost(entries: readonly string[]): void {
    this.lost = entries;
  }

  /** The registry as of now. Refuses a log that shrank, changed, or shows an entry that does not hold. */
  async follow(): Promise<Registry> {
    const look = this.looking.then(() => this.look());
    this.looking = look.catch(() => undefined);
    return look;
  }

  private async look(): Promise<Registry> {
    const { registry, note } = await this.grow().catch((refusal: unknown) => this.beginAgain(refusal));
    this.known = registry;
    this.checkpoint = decoder.decode(note);
    return registry;
  }

  private async grow(): Promise<Read> {
    const read = await this.read(this.known);
    this.requireSeen(read.registry);
    return read;
  }

  /** Follows each year's log to its end, from the one in which `from` ends. */
  private async read(from: Registry): Promise<Read> {
    for (let registry = from; ;) {
      const log = this.logs(registry).at(-1) ?? refuse('policy');
      const note = (await this.transport.bytes(`${pathOf(log)}/cosignatures`)) ?? refuse('checkpoint');
      const { checkpoint } = openCheckpoint(note, { logs: [log.key], keys: [log.key] });
      const grown = await this.readLog(registry, log, checkpoint);
      if (grown.years.length === registry.years.length) return { registry: grown, note };
      registry = grown;
    }
  }

  private async readLog(registry: Registry, log: YearLog, { size, root }: Checkpoint): Promise<Registry> {
    const known = registry.entries.slice(log.first);
    if (size < BigInt(known.length)) refuse('rollback');
    const fresh = await this.fetchEntries(log, size, known.length);
    if (!equalBytes(rootOfEntries([...known, ...fresh]), root)) refuse('consistency');
    const grown = followRegistry(registry, fresh);
    requireOwnKey(grown, this.logs(grown)[0]?.key ?? refuse('policy'));
    const isLast = grown.years.at(-1)?.first === grown.entries.length;
    return grown.years.length === registry.years.length || isLast ? grown : refuse('consistency');
  }

  /**
   * The tree that this device was last shown, by the log or in the welcome it joined with, must be a part of
   * this registry.
   */
  private requireSeen(registry: Registry): void {
    if (this.checkpoint === null) return;
    const { seen, log } = this.seenIn(registry, this.checkpoint);
    const entries = registry.entries.slice(log.first, log.first + Number(seen.size));
    if (BigInt(entries.length) < seen.size) refuse('rollback');
    if (!equalBytes(rootOfEntries(entries), seen.root)) refuse('consistency');
  }

  private seenIn(registry: Registry, note: string): { seen: Checkpoint; log: YearLog } {
    const seen = openCheckpoint(note, this.policyOf(registry)).checkpoint;
    const log = this.logs(registry).find(({ key }) => key.name === seen.origin);
    return { seen, log: log ?? refuse('checkpoint') };
  }

  /**
   * A registry that does not continue what was seen is refused, unless the log says openly that it was put
   * back from a backup (`log-restored+jws`), everything before that is as it was, and a quorum of the
   * witnesses of that time has seen that word: they would not have cosigned a log that takes back what they
   * had seen.
   */
  private async beginAgain(refusal: unknown): Promise<Read> {
    const isRewritten = refusal instanceof Refused && ['rollback', 'consistency'].includes(refusal.check);
    if (!isRewritten || this.checkpoint === null) throw refusal;
    const { registry: again, note } = await this.read(emptyRegistry(this.known.trust));
    const restore = again.restores[this.known.restores.length];
    const { seen, log } = this.seenIn(again, this.checkpoint);
    if (!restore || restore.index >= log.first + Number(seen.size)) throw refusal;
    const { index } = restore;
    const isKept = this.known.entries.slice(0, index).every((entry, i) => entry === again.entries[i]);
    if (!isKept || !(await this.isWitnessed(again, index))) throw refusal;
    this.lost = [...this.lost, ...this.known.entries.slice(index)].filter(
      (entry) => !again.entries.includes(entry),
    );
    return { registry: again, note };
  }

  /** Whether the newest tree that its witnesses have seen holds that entry. */
  private async isWitnessed(registry: Registry, index: number): Promise<boolean> {
    const { key, first } = this.logs(registry).at(-1) ?? refuse('policy');
    const note = (await this.transport.bytes(`${pathOf({ key, first })}/checkpoint`)) ?? refuse('checkpoint');
    const policy = parsePolicy(policyAt(registry, this.policyOf(registry).logs, index));
    const { size, root } = openCheckpoint(note, { logs: [key], keys: [key] }).checkpoint;
    const entries = registry.entries.slice(first, first + Number(size));
    const isOfIt = first + Number(size) > index && equalBytes(rootOfEntries(entries), root);
    return isOfIt && policy.isMet(openNote(note, policy.keys).signatures);
  }

  private async fetchEntries(log: YearLog, size: bigint, known: number): Promise<string[]> {
    const fresh: string[] = [];
    for (const { level, index, width } of tilesOf(size)) {
      const first = Number(index) * BUNDLE;
      if (level > 0 || first + width <= known) continue;
      const bytes =
        (await this.transport.bytes(`${pathOf(log)}/${bundlePath({ index, width })}`)) ?? refuse('bundle');
      const entries = parseBundle(bytes, width).map((entry) => decoder.decode(entry));
      fresh.push(...entries.slice(Math.max(0, known - first)));
    }
    return fresh;
  }

  private policyOf({ years }: Registry): Policy {
    const later = years
      .flatMap(({ consent, registry }) => [consent, registry])
      .filter((key) => !isNamed(key, this.paper.logs));
    return { ...this.paper, logs: [...this.paper.logs, ...later], keys: [...this.paper.keys, ...later] };
  }

  /** The registry logs by year: the oldest that was written down, and what follows on it. */
  private logs({ trust, years }: Registry): YearLog[] {
    const prefix = `relais-${trust.network}/registry/`;
    const written = this.paper.logs.filter(({ name }) => name.startsWith(prefix));
    const [oldest] = written.sort((a, b) => (a.name < b.name ? -1 : 1));
    if (!oldest) return refuse('policy');
    return [{ key: oldest, first: 0 }, ...years.map(({ registry, first }) => ({ key: registry, first }))];
  }
}

/** @throws Refused where it is written down with another key */
function isNamed({ name, publicKey }: NoteKey, logs: readonly NoteKey[]): boolean {
  const written = logs.find((key) => key.name === name);
  if (written && !equalBytes(written.publicKey, publicKey)) refuse('policy');
  return written !== undefined;
}

function rootOfEntries(entries: readonly string[]): Uint8Array {
  return rootOf(entries.map((entry) => leafHash(utf8(entry))));
}

function pathOf({ key }: YearLog): string {
  return logPath(key.name);
}
