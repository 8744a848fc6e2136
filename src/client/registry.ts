import { equalBytes, utf8 } from '../protocol/bytes.js';
import { refuse, Refused } from '../protocol/errors.js';
import type { Checkpoint } from '../protocol/log/checkpoint.js';
import { EMPTY_ROOT, leafHash, rootOf } from '../protocol/log/merkle.js';
import { openNote, parseVkey } from '../protocol/log/note.js';
import { formatPolicy, parsePolicy, type Policy } from '../protocol/log/policy.js';
import { openCheckpoint } from '../protocol/log/proof.js';
import { bundlePath, parseBundle, tilesOf } from '../protocol/log/tiles.js';
import { emptyRegistry, followRegistry, type Registry } from '../protocol/registry.js';
import { policyAt } from '../protocol/registry-witnesses.js';
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
  /** Entries that were seen, and that a restore has lost. */
  private lost: readonly string[];
  /** The last look at the log: a second one that begins meanwhile waits for it, or both would add the same entries. */
  private looking: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly transport: Transport,
    network: NetworkState,
  ) {
    this.policy = parsePolicy(network.policy);
    this.checkpoint = network.registry.checkpoint;
    this.lost = network.registry.lost ?? [];
    this.registry = followRegistry(emptyRegistry(network.trust), network.registry.entries);
  }

  /** What an app keeps, so that a log that goes back or splits is noticed at the next start as well. */
  get state(): RegistryState {
    const lost = this.lost.length === 0 ? {} : { lost: this.lost };
    return { entries: this.registry.entries, checkpoint: this.checkpoint, ...lost };
  }

  /** How often the network was put back from a backup, as far as it was followed. */
  get restores(): Registry['restores'] {
    return this.registry.restores;
  }

  /** Those entries are in the registry again, or nobody needs them any more. */
  forgetLost(): void {
    this.lost = [];
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
    const grown = await this.grow(checkpoint).catch((refusal: unknown) =>
      this.beginAgain(noteBytes, checkpoint, refusal),
    );
    const ownKey = this.policy.logs.find(({ name }) => name === checkpoint.origin)?.publicKey;
    if (grown.restores.some(({ key }) => !ownKey || !equalBytes(key, ownKey))) refuse('signer');
    this.registry = grown;
    this.checkpoint = decoder.decode(noteBytes);
    return this.registry;
  }

  private async grow(checkpoint: Checkpoint): Promise<Registry> {
    const seen = this.seen();
    if (checkpoint.size < seen.size || checkpoint.size < BigInt(this.registry.entries.length))
      refuse('rollback');
    const fresh = await this.fetchEntries(checkpoint.size, this.registry.entries.length);
    const leaves = [...this.registry.entries, ...fresh].map((entry) => leafHash(utf8(entry)));
    if (!equalBytes(rootOf(leaves), checkpoint.root)) refuse('consistency');
    if (!equalBytes(rootOf(leaves.slice(0, Number(seen.size))), seen.root)) refuse('consistency');
    return followRegistry(this.registry, fresh);
  }

  /**
   * A registry that does not continue what was seen is refused, unless the log says openly that it was put back from a backup
   * (`log-restored+jws`), everything before that is as it was, and a quorum of the witnesses of that time has seen it: they
   * would not have cosigned a log that takes back what they had seen.
   */
  private async beginAgain(note: Uint8Array, checkpoint: Checkpoint, refusal: unknown): Promise<Registry> {
    const isRewritten = refusal instanceof Refused && ['rollback', 'consistency'].includes(refusal.check);
    if (!isRewritten) throw refusal;
    const entries = await this.fetchEntries(checkpoint.size, 0);
    const again = followRegistry(emptyRegistry(this.registry.trust), entries);
    const restore = again.restores[this.registry.restores.length];
    if (!restore || BigInt(restore.index) >= this.seen().size) throw refusal;
    const { index } = restore;
    const isKept = this.registry.entries.slice(0, index).every((entry, i) => entry === entries[i]);
    const isRoot = equalBytes(rootOf(entries.map((entry) => leafHash(utf8(entry)))), checkpoint.root);
    const policy = parsePolicy(policyAt(again, this.policy.logs, index));
    if (!isKept || !isRoot || !policy.isMet(openNote(note, policy.keys).signatures)) throw refusal;
    this.lost = [...this.lost, ...this.registry.entries.slice(index)].filter(
      (entry) => !entries.includes(entry),
    );
    return again;
  }

  /** The tree that this device was last shown: by the log, or in the welcome it joined with, which comes without entries. */
  private seen(): Pick<Checkpoint, 'size' | 'root'> {
    if (this.checkpoint === null) return { size: 0n, root: EMPTY_ROOT };
    return openCheckpoint(this.checkpoint, this.policy).checkpoint;
  }

  private async fetchEntries(size: bigint, known: number): Promise<string[]> {
    const fresh: string[] = [];
    for (const { level, index, width } of tilesOf(size)) {
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
