import { sha256 } from '#sha256';
import { equalBytes, toBase64url, utf8 } from '../protocol/bytes.js';
import { refuse } from '../protocol/errors.js';
import { parseCheckpoint } from '../protocol/log/checkpoint.js';
import { leafHash, rootOf } from '../protocol/log/merkle.js';
import { openNote } from '../protocol/log/note.js';
import { parsePolicy, type Policy } from '../protocol/log/policy.js';
import { bundlePath, parseBundle, BUNDLE_SIZE } from '../protocol/log/tiles.js';
import { emptyRegistry, followRegistry, type Registry, type Trust } from '../protocol/registry.js';
import type { NetworkState, RegistryState } from './state.js';
import type { Transport } from './transport.js';

const text = new TextDecoder('utf-8', { fatal: true });

/**
 * Follows the whole registry: only so does anybody know that a key is current and that the log never said anything
 * else. Keeps every entry, so each new root is computed here and never believed.
 */
export class RegistryFollower {
  readonly policy: Policy;
  private registry: Registry;
  private entries: string[];
  private checkpoint: string | null;

  constructor(
    private readonly transport: Transport,
    network: NetworkState,
  ) {
    this.policy = parsePolicy(network.policy);
    this.entries = [...network.registry.entries];
    this.checkpoint = network.registry.checkpoint;
    this.registry = followRegistry(emptyRegistry(network.trust), this.entries);
  }

  /** What an app keeps, so that a log that goes back or splits is noticed at the next start as well. */
  get state(): RegistryState {
    return { entries: this.entries, checkpoint: this.checkpoint };
  }

  /** The registry as of now. Refuses a log that shrank, changed, or shows an entry that does not hold. */
  async follow(): Promise<Registry> {
    const path = `/log/${await this.name()}`;
    const noteBytes = (await this.transport.bytes(`${path}/checkpoint`)) ?? refuse('checkpoint');
    const { size, root } = this.readCheckpoint(noteBytes);
    if (size < BigInt(this.entries.length)) refuse('rollback');
    const fresh = await this.fetchEntries(path, Number(size));
    const entries = [...this.entries, ...fresh];
    if (!equalBytes(rootOf(entries.map((entry) => leafHash(utf8(entry)))), root)) refuse('consistency');
    this.registry = followRegistry(this.registry, entries);
    this.entries = entries;
    this.checkpoint = text.decode(noteBytes);
    return this.registry;
  }

  private readCheckpoint(noteBytes: Uint8Array): { size: bigint; root: Uint8Array } {
    const note = openNote(noteBytes, this.policy.keys);
    const checkpoint = parseCheckpoint(note.text);
    const key = note.signed.find((by) => by.name === checkpoint.origin) ?? refuse('log-signature');
    if (!this.policy.logs.includes(key)) refuse('log-signature');
    return checkpoint;
  }
}
