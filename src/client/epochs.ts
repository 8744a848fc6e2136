import { randomBytes, toBase64url } from '../protocol/bytes.js';
import { epochKeys, type SigningKey } from '../protocol/crypto/keys.js';
import { hashText, sign } from '../protocol/signed.js';
import { monthOf } from './days.js';
import type { EpochSeed } from './state.js';

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
  /** Months that need an epoch, counted from today's. */
  readonly months: readonly number[];
}

export interface NewEpochs {
  readonly entries: readonly string[];
  readonly seeds: readonly EpochSeed[];
}

/** Makes a service's epochs: one per month, chained, each with its own seed. The present month's begins today. */
export function certifyEpochs(of: EpochsOf): NewEpochs {
  const entries: string[] = [];
  const seeds: EpochSeed[] = [];
  let previous = of.previous;
  for (const ahead of of.months) {
    const made = certifyEpoch(of, ahead, previous);
    entries.push((previous = made.entry));
    seeds.push(made.seed);
  }
  return { entries, seeds };
}

function certifyEpoch(
  of: EpochsOf,
  ahead: number,
  previous: string | null,
): { entry: string; seed: EpochSeed } {
  const { month, from, until } = monthOf(of.today, ahead);
  const seed = randomBytes(32);
  const keys = epochKeys(seed);
  const epoch = `${month}.1`;
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
  };
  const entry = sign('service-key+jws', payload, of.coordinator);
  return { entry, seed: { service: of.service.id, epoch, seed: toBase64url(seed) } };
}
