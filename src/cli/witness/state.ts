import { parseTrust } from '../../protocol/audit/input.js';
import { trustedLogs, type TrustedLog } from '../../protocol/audit/trusted-logs.js';
import { fromBase64url, randomBytes, toBase64url } from '../../protocol/encoding/bytes.js';
import { formatVkey } from '../../protocol/log/note.js';
import type { TrustFile } from '../../protocol/schemas/trust.js';
import { signingKey, type SigningKey } from '../../protocol/crypto/keys.js';
import { parseCheckpoint, type Checkpoint } from '../../protocol/log/checkpoint.js';
import { cosignCheckpoint, witnessName } from '../../protocol/log/witness.js';
import type { Folder } from '../folder.js';

const SEED = 'seed';
const ORGANISATION = 'organisation';
const TRUST = 'trust.json';
const LATER = 'logs.json';

/** Makes a witness's key, once, and keeps whom it watches. */
export function makeWitness(
  folder: Folder,
  of: { readonly organisation: string; readonly trust: Uint8Array },
): void {
  trustedLogs(parseTrust(of.trust));
  folder.write(TRUST, of.trust);
  folder.write(ORGANISATION, of.organisation);
  if (folder.read(SEED) === undefined) folder.write(SEED, toBase64url(randomBytes(32)));
}

/**
 * A witness: its key, the logs that it watches, and of each the last tree that it cosigned. That tree is on
 * the disk before the cosignature leaves, so that after whatever crash it cosigns no other of that size and
 * no smaller one.
 */
export class WitnessState {
  readonly trust: TrustFile;
  readonly key: SigningKey;
  private watched: readonly TrustedLog[];
  private readonly name: string;

  constructor(
    readonly folder: Folder,
    private readonly clock: () => Date = () => new Date(),
  ) {
    const [seed, organisation, trust] = [
      folder.read(SEED),
      folder.read(ORGANISATION),
      folder.readBytes(TRUST),
    ];
    if (seed === undefined || organisation === undefined || trust === undefined)
      throw new Error(`${folder.path} holds no witness. Make one: relais witness new`);
    this.trust = parseTrust(trust);
    const { network, roots, logs } = this.trust;
    const later = folder.readJson(LATER) as TrustFile['logs'] | undefined;
    this.watched = trustedLogs({ network, roots, logs: later ?? logs });
    this.key = signingKey(fromBase64url(seed));
    this.name = witnessName(this.trust.network, organisation);
  }

  /**
   * The logs that it watches: those of the trust file, and those of later years that the registry has named.
   */
  get logs(): readonly TrustedLog[] {
    return this.watched;
  }

  /** Watches these from now on, and after a restart. */
  watch(logs: readonly TrustedLog[]): void {
    if (logs.length === this.watched.length) return;
    const keysOf = (wanted: TrustedLog['kind']): string[] =>
      logs.filter(({ kind }) => kind === wanted).map(({ key }) => formatVkey(key));
    this.folder.write(LATER, JSON.stringify({ consent: keysOf('consent'), registry: keysOf('registry') }));
    this.watched = logs;
  }

  /** The tree that it last cosigned. */
  last(origin: string): Checkpoint | undefined {
    const note = this.lastNote(origin);
    return note === undefined ? undefined : parseCheckpoint(textOf(note));
  }

  /** The same, with the log's signature. */
  lastNote(origin: string): string | undefined {
    return this.folder.read(fileOf(origin));
  }

  /**
   * Keeps a tree that was found to continue the last one, and cosigns it. `note` is the checkpoint with the
   * log's signature.
   */
  cosign(note: string): string {
    const text = textOf(note);
    this.folder.write(fileOf(parseCheckpoint(text).origin), note);
    return cosignCheckpoint(text, this.name, this.key, this.clock());
  }
}

/** Witnesses of before have kept the text alone. */
function textOf(note: string): string {
  const at = note.indexOf('\n\n');
  return at < 0 ? note : note.slice(0, at + 1);
}

function fileOf(origin: string): string {
  return `cosigned-${origin.split('/').slice(1).join('-')}`;
}
