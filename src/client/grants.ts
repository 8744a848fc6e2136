import { fromBase64url, toBase64url } from '../protocol/bytes.js';
import { openGrant } from '../protocol/crypto/grant-open.js';
import { sealGrant } from '../protocol/crypto/grant-seal.js';
import type { BoxKey, SigningKey } from '../protocol/crypto/keys.js';
import { Refused, refuse } from '../protocol/errors.js';
import type { RegisteredServiceKey, Registry } from '../protocol/registry.js';
import { sign, verifySigned, type Keyring } from '../protocol/signed.js';
import type { EpochSeed } from './state.js';

export interface GrantTo {
  readonly boxId: Uint8Array;
  readonly box: Uint8Array;
  readonly services: readonly string[];
}

/** Seals to another device every epoch that has begun, of the services that this device serves. */
export function makeGrants(
  held: readonly EpochSeed[],
  to: GrantTo,
  by: { registry: Registry; today: string; signer: SigningKey },
): string[] {
  const begun = held.flatMap((epoch) => {
    const shown = shownKey(by.registry, epoch.service, epoch.epoch);
    return shown && shown.from <= by.today && to.services.includes(epoch.service) ? [{ epoch, shown }] : [];
  });
  return begun.map(({ epoch, shown }) => grant(by.registry, epoch, shown, to, by.signer));
}

function grant(
  registry: Registry,
  held: EpochSeed,
  shown: RegisteredServiceKey,
  to: GrantTo,
  signer: SigningKey,
): string {
  const context = { ...held, boxId: fromBase64url(shown.boxId), deviceBoxId: to.boxId };
  const sealed = sealGrant(fromBase64url(held.seed), context, to.box);
  const payload = {
    network: registry.trust.network,
    service: held.service,
    epoch: held.epoch,
    boxId: shown.boxId,
    deviceBoxId: toBase64url(to.boxId),
    sealed: toBase64url(sealed),
  };
  return sign('key-grant+jws', payload, signer);
}

/**
 * Opens a grant. The seed is taken only if it yields the keys that the registry shows for that epoch, so it does not
 * matter who sent it; the signature only says which colleague's device to ask.
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

/** Every grant that holds; one that does not is passed over, so that no colleague's device can bar the others. */
export function takeGrants(
  texts: readonly string[],
  box: BoxKey,
  registry: Registry,
  colleagues: Keyring,
): EpochSeed[] {
  return texts.flatMap((text) => {
    try {
      return [takeGrant(text, box, registry, colleagues)];
    } catch (error) {
      if (error instanceof Refused) return [];
      throw error;
    }
  });
}

/** Revoked ones too: what was sealed to them before stays readable. */
function shownKey(registry: Registry, service: string, epoch: string): RegisteredServiceKey | undefined {
  return [...registry.serviceKeys.values()].find(
    (shown) => shown.service.id === service && shown.epoch === epoch,
  );
}
