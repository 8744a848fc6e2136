import { randomBytes, toBase64url } from '../../protocol/encoding/bytes.js';
import { epochKeys, type SigningKey } from '../../protocol/crypto/keys.js';
import { hashText, sign } from '../../protocol/encoding/signed.js';
import { monthOf } from '../device/days.js';
import type { EpochSeed } from '../device/state.js';

/** How many months a coordinator's device certifies beyond the present one. */
export const MONTHS_AHEAD = 3;

export interface Named {
  readonly id: string;
  readonly name: string;
}

export interface EpochsOf {
  readonly network: string;
  readonly organisation: Named;
  readonly service: Named;
  readonly coordinator: SigningKey;
  readonly today: string;
  /** The service's last service-key JWS, or null before the first. */
  readonly previous: string | null;
  readonly wanted: readonly WantedEpoch[];
}

/** A month that needs an epoch. */
export interface WantedEpoch {
  /** Months after today's. */
  readonly ahead: number;
  /** 1 for the month's first epoch, more where an earlier one was revoked. */
  readonly number: number;
  /** Text of the revocation that this epoch answers. */
  readonly revocation?: string;
}

export interface NewEpochs {
  readonly entries: readonly string[];
  readonly seeds: readonly EpochSeed[];
}

/**
 * Makes a service's epochs: one per month, chained, each with its own seed. The present month's begins today.
 */
export function certifyEpochs(of: EpochsOf): NewEpochs {
  const entries: string[] = [];
  const seeds: EpochSeed[] = [];
  let previous = of.previous;
  for (const wanted of of.wanted) {
    const made = certifyEpoch(of, wanted, previous);
    entries.push((previous = made.entry));
    seeds.push(made.seed);
  }
  return { entries, seeds };
}

function certifyEpoch(
  of: EpochsOf,
  { ahead, number, revocation }: WantedEpoch,
  previous: string | null,
): { entry: string; seed: EpochSeed } {
  const { month, from, until } = monthOf(of.today, ahead);
  const seed = randomBytes(32);
  const keys = epochKeys(seed);
  const epoch = `${month}.${number}`;
  const payload = {
    network: of.network,
    organisation: of.organisation,
    service: of.service,
    epoch,
    box: toBase64url(keys.box.publicKey),
    boxId: toBase64url(keys.box.id),
    key: toBase64url(keys.sign.publicKey),
    from: ahead === 0 ? of.today : from,
    until,
    previous: previous === null ? null : toBase64url(hashText(previous)),
    ...(revocation === undefined ? {} : { revocation: toBase64url(hashText(revocation)) }),
  };
  const entry = sign('service-key+jws', payload, of.coordinator);
  return { entry, seed: { service: of.service.id, epoch, seed: toBase64url(seed) } };
}
