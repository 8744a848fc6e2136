import { equalBytes, utf8 } from '../protocol/bytes.js';
import { refuse } from '../protocol/errors.js';
import type { Checkpoint } from '../protocol/log/checkpoint.js';
import { EMPTY_ROOT, leafHash, rootOf } from '../protocol/log/merkle.js';
import { parseVkey } from '../protocol/log/note.js';
import { formatPolicy, parsePolicy, type Policy } from '../protocol/log/policy.js';
import { openCheckpoint } from '../protocol/log/proof.js';
import { bundlePath, parseBundle, tilesOf } from '../protocol/log/tiles.js';
import { emptyRegistry, followRegistry, type Registry } from '../protocol/registry.js';
import type { TrustFile } from '../protocol/schemas/trust.js';
import type { NetworkState, RegistryState } from './state.js';
import type { Transport } from './transport.js';

const decoder = new TextDecoder('utf-8', { fatal: true });
const BUNDLE = 256;

/** The registry as a trust file lets anybody read it, without a device. @throws Refused */
export function followTrusted(transport: Transport, trust: TrustFile): Promise<Registry> {
  const policy = formatPolicy([...trust.logs.consent, ...trust.logs.registry].map(parseVkey));
  const registry = { entries: [], checkpoint: null };
  return new RegistryFollower(transport, { issuer: transport.issuer, trust, policy, registry }).follow();
}

/**
 * Follows the whole registry: only so does anybody know that a key is current and that the log never said anything
 * else. Keeps every entry, so each new root is computed here and never believed.
 */
export class RegistryFollower {
  readonly policy: Policy;
  private registry: Registry;
  private checkpoint: string | null;
  /** The last look at the log: a second one that begins meanwhile waits for it, or both would add the same entries. */
  private looking: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly transport: Transport,
    network: NetworkState,
  ) {
    this.policy = parsePolicy(network.policy);
    this.checkpoint = network.registry.checkpoint;
    this.registry = followRegistry(emptyRegistry(network.trust), network.registry.entries);
  }

  /** What an app keeps, so that a log that goes back or splits is noticed at the next start as well. */
  get state(): RegistryState {
    return { entries: this.registry.entries, checkpoint: this.checkpoint };
  }

  /** The registry as of now. Refuses a log that shrank, changed, or shows an entry that does not hold. */
  async follow(): Promise<Registry> {
    const look = this.looking.then(() => this.look());
    this.looking = look.catch(() => undefined);
    return look;
  }

  private async look(): Promise<Registry> {
    const noteBytes = (await this.transport.bytes(`${this.path()}/cosignatures`)) ?? refuse('checkpoint');
    const { checkpoint } = openCheckpoint(noteBytes, this.policy);
    if (checkpoint.origin !== this.origin()) refuse('checkpoint');
    const seen = this.seen();
    if (checkpoint.size < seen.size || checkpoint.size < BigInt(this.registry.entries.length))
      refuse('rollback');
    const fresh = await this.fetchEntries(Number(checkpoint.size));
    const leaves = [...this.registry.entries, ...fresh].map((entry) => leafHash(utf8(entry)));
    if (!equalBytes(rootOf(leaves), checkpoint.root)) refuse('consistency');
    if (!equalBytes(rootOf(leaves.slice(0, Number(seen.size))), seen.root)) refuse('consistency');
    this.registry = followRegistry(this.registry, fresh);
    this.checkpoint = decoder.decode(noteBytes);
    return this.registry;
  }

  /** The tree that this device was last shown: by the log, or in the welcome it joined with, which comes without entries. */
  private seen(): Pick<Checkpoint, 'size' | 'root'> {
    if (this.checkpoint === null) return { size: 0n, root: EMPTY_ROOT };
    return openCheckpoint(this.checkpoint, this.policy).checkpoint;
  }

  private async fetchEntries(size: number): Promise<string[]> {
    const known = this.registry.entries.length;
    const fresh: string[] = [];
    for (const { level, index, width } of tilesOf(BigInt(size))) {
      const first = Number(index) * BUNDLE;
      if (level > 0 || first + width <= known) continue;
      const bytes =
        (await this.transport.bytes(`${this.path()}/${bundlePath({ index, width })}`)) ?? refuse('bundle');
      const entries = parseBundle(bytes, width).map((entry) => decoder.decode(entry));
      fresh.push(...entries.slice(Math.max(0, known - first)));
    }
    return fresh;
  }

  /** `relais-‹network›/registry/‹year›`: the newest registry log of the policy. */
  private origin(): string {
    const prefix = `relais-${this.registry.trust.network}/registry/`;
    const origins = this.policy.logs.map((key) => key.name).filter((name) => name.startsWith(prefix));
    return origins.sort().at(-1) ?? refuse('policy');
  }

  private path(): string {
    return `/log/registry/${this.origin().slice(-4)}`;
  }
}
