import type { Registry } from '../../../protocol/registry/registry.js';
import type { Keyring } from '../../../protocol/encoding/signed.js';
import { addDays } from '../../../protocol/encoding/days.js';

/**
 * Keys that may certify for an organisation today: registered, unrevoked, within their days. Devices' clocks
 * may be a day ahead of ours around midnight, so a key that begins tomorrow counts.
 */
export function currentCoordinators(registry: Registry, organisation: string, today: string): Keyring {
  const current = [...registry.coordinators.values()].filter(
    (coordinator) =>
      coordinator.organisation === organisation &&
      coordinator.revokedAt === undefined &&
      coordinator.from <= addDays(today, 1) &&
      today <= coordinator.until,
  );
  return new Map(current.map(({ kid, key }) => [kid, key]));
}

/** Ids of every service for which an organisation has registered a key. */
export function servicesOf(registry: Registry, organisation: string): Set<string> {
  const own = [...registry.serviceKeys.values()].filter((key) => key.organisation.id === organisation);
  return new Set(own.map((key) => key.service.id));
}
