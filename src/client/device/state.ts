import { fromBase64url, toBase64url } from '../../protocol/encoding/bytes.js';
import {
  boxKey,
  epochKeys,
  signingKey,
  type BoxKey,
  type EpochKeys,
  type SigningKey,
} from '../../protocol/crypto/keys.js';
import type { RegisteredServiceKey, Trust } from '../../protocol/registry/registry.js';

/**
 * What the client keeps of the registry: every entry, and the last checkpoint it has seen (a signed note).
 */
export interface RegistryState {
  readonly entries: readonly string[];
  readonly checkpoint: string | null;
  /** Entries that were seen, and that a restore of the server has lost: see `lostEntries`. */
  readonly lost?: readonly string[];
}

/**
 * Where the network is, and whom this device believes: enough to follow the registry and check every proof.
 */
export interface NetworkState {
  /** Origin of the server, for example `https://relais.example`. */
  readonly issuer: string;
  readonly trust: Trust;
  /** The text of the tlog-policy: log keys, witnesses, quorum. */
  readonly policy: string;
  readonly registry: RegistryState;
  /** The last checkpoint of the consent log that this device was shown, a signed note. */
  readonly consentCheckpoint?: string | undefined;
  /** How many restores the registry had told of by then. */
  readonly consentRestores?: number;
}

/**
 * What a coordinator's device remembers of a code that it has shown, so that it certifies nobody whom it did
 * not invite.
 */
export interface PendingInvitation {
  /** Raw Ed25519 key of the code, base64url. The code itself is kept nowhere. */
  readonly key: string;
  readonly role: DeviceState['role'];
  readonly services: readonly string[];
  /** Instant. */
  readonly expires: string;
}

/** See `strangeEntries`. */
export interface WatchedEntries {
  readonly from: number;
  /** SHA-256 of each entry's text, base64url. */
  readonly made: readonly string[];
}

/** The secret of one epoch of a service, from which its keys are derived. */
export interface EpochSeed {
  readonly service: string;
  readonly epoch: string;
  /** 32 bytes, base64url. */
  readonly seed: string;
}

/**
 * Everything that a device is: plain JSON, so that an app can keep it as it likes, **under lock**: a file of
 * mode 0600 or an AES-GCM key of the browser that cannot be exported. Seeds are 32 bytes, base64url.
 */
export interface DeviceState {
  readonly network: NetworkState;
  readonly organisation: { readonly id: string; readonly name: string };
  readonly device: string;
  readonly role: 'worker' | 'coordinator' | 'auditor' | 'observer';
  readonly services: readonly string[];
  readonly certificate: string;
  readonly auth: string;
  readonly sign: string;
  readonly box: string;
  readonly epochs: readonly EpochSeed[];
  /** A coordinator's device alone: the key that certifies devices and service keys. */
  readonly coordinator?: string;
  /** The codes that a coordinator's device has shown and that are neither used nor past. */
  readonly invitations?: readonly PendingInvitation[];
  /**
   * A coordinator's device alone: up to where somebody has looked at the registry, and hashes of what it
   * posted since.
   */
  readonly watched?: WatchedEntries;
  /** X-Wing public key of the organisation's paper code, base64url: what exports are sealed to. */
  readonly paperBox?: string;
}

export interface DeviceKeys {
  readonly auth: SigningKey;
  readonly sign: SigningKey;
  readonly box: BoxKey;
}

export function deviceKeys(state: Pick<DeviceState, 'auth' | 'sign' | 'box'>): DeviceKeys {
  return {
    auth: signingKey(fromBase64url(state.auth)),
    sign: signingKey(fromBase64url(state.sign)),
    box: boxKey(fromBase64url(state.box)),
  };
}

/**
 * The keys of an epoch, if this device holds their seed. The key that the registry shows decides, never the
 * name: a post of new epochs that was refused leaves seeds of the same name that open nothing.
 */
export function findEpochKeys(
  own: readonly EpochSeed[],
  { service, epoch, boxId }: RegisteredServiceKey,
): EpochKeys | undefined {
  return own
    .filter((each) => each.service === service.id && each.epoch === epoch)
    .map(({ seed }) => epochKeys(fromBase64url(seed)))
    .find(({ box }) => toBase64url(box.id) === boxId);
}
