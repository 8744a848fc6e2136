import type { RegisteredCharter, RegisteredServiceKey, Registry } from './registry.js';
import type { Keyring } from './signed.js';

/** Keyring of an organisation's coordinators that nobody has revoked; of all organisations when none is named. */
export function coordinatorKeys(registry: Registry, organisation?: string): Keyring {
  const unrevoked = [...registry.coordinators.values()].filter(
    (coordinator) =>
      coordinator.revokedAt === undefined &&
      (organisation === undefined || coordinator.organisation === organisation),
  );
  return new Map(unrevoked.map(({ kid, key }) => [kid, key]));
}

/**
 * The key of a service on a day: the latest unrevoked epoch whose from–until holds it. Senders seal to this key and no
 * other; the sender's own copy is sealed to the key that this shows for the day of the release.
 */
export function currentEpoch(
  registry: Registry,
  service: string,
  day: string,
): RegisteredServiceKey | undefined {
  return [...registry.serviceKeys.values()]
    .filter((shown) => shown.service.id === service && shown.revokedAt === undefined)
    .filter((shown) => shown.from <= day && day <= shown.until)
    .at(-1);
}

/** Every epoch of a service, in the order of the registry. */
export function epochsOf(registry: Registry, service: string): RegisteredServiceKey[] {
  return [...registry.serviceKeys.values()].filter((shown) => shown.service.id === service);
}

/**
 * Whether a signer was entitled at a leaf (consent-log.md, *Statements*): its key is in the registry of the first anchor
 * after the leaf, and unrevoked in that of the last anchor before it. Sizes are entries of the registry.
 */
export function isSignerAtAnchors(
  key: RegisteredServiceKey,
  sizeBefore: number | undefined,
  sizeAfter: number | undefined,
): boolean {
  if (sizeBefore === undefined || sizeAfter === undefined) return false;
  return key.index < sizeAfter && (key.revokedAt === undefined || key.revokedAt >= sizeBefore);
}

/** The charter that every trusted root has signed; with fewer signatures it is a draft and binds nobody. */
export function charterInForce({ charters, trust }: Registry): RegisteredCharter | undefined {
  return charters.filter(({ signers }) => trust.roots.every((root) => signers.includes(root))).at(-1);
}
