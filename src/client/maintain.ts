import { boxKeyId } from '../protocol/crypto/keys.js';
import type { RegisteredServiceKey, Registry } from '../protocol/registry.js';
import { epochsOf } from '../protocol/registry-keys.js';
import { isTrustedToday, listColleagues } from './colleagues.js';
import { monthOf } from './days.js';
import type { Device } from './device.js';
import { certifyEpochs, MONTHS_AHEAD, type WantedEpoch } from './epochs.js';

/**
 * What a coordinator's device does whenever it is on line: certifies its services' epochs for the months ahead, and
 * grants its colleagues' devices the epochs that have begun. Keep `device.state` afterwards: it holds the new seeds.
 */
export async function maintainKeys(coordinator: Device): Promise<void> {
  for (const service of coordinator.services) await certifyMissing(coordinator, service);
  const today = await coordinator.today();
  for (const colleague of await listColleagues(coordinator)) {
    const { certificate, box } = colleague;
    if (!isTrustedToday(colleague, today) || certificate.device === coordinator.state.device) continue;
    await coordinator.grantTo({ box, boxId: boxKeyId(box), services: certificate.services });
  }
}

/** Epochs are made in the order of their months, each naming the one before it. */
async function certifyMissing(coordinator: Device, service: string): Promise<void> {
  const registry = await coordinator.registry();
  const today = await coordinator.today();
  const shown = epochsOf(registry, service);
  const last = shown.at(-1);
  if (!last) return;
  const signer = registry.coordinators.get(coordinator.coordinatorKey().kid);
  const wanted = missingEpochs(registry, shown, today).filter(
    ({ ahead }) => signer && monthOf(today, ahead).from <= signer.until,
  );
  if (wanted.length === 0) return;
  const { entries, seeds } = certifyEpochs({
    network: coordinator.network,
    organisation: coordinator.organisation,
    service: last.service,
    coordinator: coordinator.coordinatorKey(),
    today,
    previous: registry.entries[last.index] ?? null,
    wanted,
  });
  coordinator.keepSeeds(seeds);
  await coordinator.postEntries(entries);
}

/** The months from today's on that have no epoch, or none that was not revoked. */
function missingEpochs(
  registry: Registry,
  shown: readonly RegisteredServiceKey[],
  today: string,
): WantedEpoch[] {
  const ahead = Array.from({ length: MONTHS_AHEAD + 1 }, (_, months) => months);
  return ahead.flatMap((months) => {
    const { month } = monthOf(today, months);
    const epochs = shown.filter(({ epoch }) => epoch.startsWith(`${month}.`));
    const last = epochs.at(-1);
    if (last && last.revokedAt === undefined) return [];
    const revocation = last?.revokedAt === undefined ? undefined : registry.entries[last.revokedAt];
    const number = epochs.length + 1;
    return [revocation === undefined ? { ahead: months, number } : { ahead: months, number, revocation }];
  });
}
