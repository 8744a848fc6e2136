import { fromBase64url, toBase64url } from '../../protocol/encoding/bytes.js';
import { openGrant } from '../../protocol/crypto/grant-open.js';
import { sealGrant } from '../../protocol/crypto/grant-seal.js';
import type { BoxKey, SigningKey } from '../../protocol/crypto/keys.js';
import { addDays } from '../../protocol/encoding/days.js';
import { refuse } from '../../protocol/encoding/errors.js';
import type { RegisteredServiceKey, Registry } from '../../protocol/registry/registry.js';
import { epochsOf } from '../../protocol/registry/registry-keys.js';
import { sign, verifySigned, type Keyring } from '../../protocol/encoding/signed.js';
import { settleEach, type Settled } from './each.js';
import { findEpochKeys, type EpochSeed } from './state.js';

export interface EpochName {
  readonly service: string;
  readonly epoch: string;
}

export interface GrantTo {
  readonly boxId: Uint8Array;
  readonly box: Uint8Array;
  readonly services: readonly string[];
  /** What waits for it, or was taken, already. */
  readonly grants: readonly EpochName[];
}

/** The turn of the month stops no device whose coordinators have been away for a week. */
export const GRANTED_DAYS_BEFORE = 7;

/** Seals to another device every epoch of its services that it lacks, and that has begun or is about to. */
export function makeGrants(
  own: readonly EpochSeed[],
  to: GrantTo,
  by: { registry: Registry; today: string; signer: SigningKey },
): string[] {
  const has = new Set(to.grants.map(({ service, epoch }) => `${service} ${epoch}`));
  const lacking = to.services
    .flatMap((service) => epochsOf(by.registry, service))
    .filter(
      ({ service, epoch, from }) =>
        from <= addDays(by.today, GRANTED_DAYS_BEFORE) && !has.has(`${service.id} ${epoch}`),
    );
  return lacking.flatMap((shown) => {
    const keys = findEpochKeys(own, shown);
    return keys ? [grant(by.registry, keys.seed, shown, to, by.signer)] : [];
  });
}

function grant(
  registry: Registry,
  seed: Uint8Array,
  shown: RegisteredServiceKey,
  to: GrantTo,
  signer: SigningKey,
): string {
  const name = { service: shown.service.id, epoch: shown.epoch };
  const sealed = sealGrant(
    seed,
    { ...name, boxId: fromBase64url(shown.boxId), deviceBoxId: to.boxId },
    to.box,
  );
  const payload = {
    network: registry.trust.network,
    ...name,
    boxId: shown.boxId,
    deviceBoxId: toBase64url(to.boxId),
    sealed: toBase64url(sealed),
  };
  return sign('key-grant+jws', payload, signer);
}

/**
 * Opens a grant. The seed is taken only if it yields the keys that the registry shows for that epoch, so it
 * does not matter who sent it; the signature only says which colleague's device to ask.
 */
function takeGrant(text: string, box: BoxKey, registry: Registry, colleagues: Keyring): EpochSeed {
  const { payload } = verifySigned(text, 'key-grant+jws', colleagues);
  const shown = shownKey(registry, payload.service, payload.epoch) ?? refuse('grant-members');
  const keys = openGrant(
    payload,
    { service: shown.service.id, epoch: shown.epoch, boxId: fromBase64url(shown.boxId), signKey: shown.key },
    box,
  );
  return { service: payload.service, epoch: payload.epoch, seed: toBase64url(keys.seed) };
}

/**
 * Every grant that holds; one that does not is passed over, so that no colleague's device can bar the others.
 */
export function takeGrants(
  texts: readonly string[],
  box: BoxKey,
  registry: Registry,
  colleagues: Keyring,
): Promise<Settled<string, EpochSeed>> {
  return settleEach(texts, (text) => takeGrant(text, box, registry, colleagues));
}

/** Revoked ones too: what was sealed to them before stays readable. */
function shownKey(registry: Registry, service: string, epoch: string): RegisteredServiceKey | undefined {
  return epochsOf(registry, service).find((shown) => shown.epoch === epoch);
}
