import { refuse } from '../encoding/errors.js';
import type {
  RegisteredCharter,
  RegisteredCoordinator,
  RegisteredServiceKey,
  Registry,
  Revocation,
} from './registry.js';

/**
 * The key of a service on a day: the latest unrevoked epoch whose from–until holds it. Senders seal to this
 * key and no other. It says who may act now; what was done before a revocation, `wasInForce` judges.
 * @throws Refused upgrade where entries that only a newer version understands may have changed it
 */
export function currentEpoch(
  registry: Registry,
  service: string,
  day: string,
): RegisteredServiceKey | undefined {
  requireUnderstood(registry);
  return latestEpoch(registry, service, day);
}

/**
 * The registry is understood to its end: before anything is sealed, signed or posted. @throws Refused upgrade
 */
export function requireUnderstood({ upgrade }: Pick<Registry, 'upgrade'>): void {
  if (upgrade) refuse('upgrade');
}

/** The same as far as the registry is understood: good enough to take a consent back with. */
export function latestEpoch(
  registry: Registry,
  service: string,
  day: string,
): RegisteredServiceKey | undefined {
  return [...registry.serviceKeys.values()]
    .filter((shown) => shown.service.id === service && shown.revokedAt === undefined)
    .filter((shown) => shown.from <= day && day <= shown.until)
    .at(-1);
}

/**
 * Whether a revocation counted on a day. Its own day does not yet: a date cannot tell the morning from the
 * evening, the server takes nothing from a revoked key, and the anchors judge to the leaf.
 */
export function wasRevoked({ revokedFrom }: Partial<Revocation>, day: string): boolean {
  return revokedFrom !== undefined && revokedFrom < day;
}

/** Whether a key was in force on a day, whatever became of it later. */
export function wasInForce(key: RegisteredServiceKey | RegisteredCoordinator, day: string): boolean {
  return key.from <= day && day <= key.until && !wasRevoked(key, day);
}

/** Every epoch of a service, in the order of the registry. */
export function epochsOf(registry: Registry, service: string): RegisteredServiceKey[] {
  return [...registry.serviceKeys.values()].filter((shown) => shown.service.id === service);
}

/**
 * Whether a signer was entitled at a leaf (docs/protocol/log.md, *When a statement is valid*): its key is in
 * the registry of the first anchor after the leaf, and unrevoked in that of the last anchor before it. Sizes
 * are entries of the registry.
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
