import { fromBase64url } from '../protocol/bytes.js';
import { boxKeyId } from '../protocol/crypto/keys.js';
import type { RegisteredServiceKey } from '../protocol/registry.js';
import { coordinatorKeys, epochsOf } from '../protocol/registry-keys.js';
import { verifySigned } from '../protocol/signed.js';
import { monthOf } from './days.js';
import type { Device } from './device.js';
import { certifyEpochs, MONTHS_AHEAD } from './epochs.js';

interface ColleagueItem {
  readonly certificate: string;
  readonly box: string;
  readonly revoked: boolean;
}

/**
 * What a coordinator's device does whenever it is on line: certifies its services' epochs for the months ahead, and
 * grants its colleagues' devices the epochs that have begun. Keep `device.state` afterwards: it holds the new seeds.
 */
export async function maintainKeys(coordinator: Device): Promise<void> {
  for (const service of coordinator.services) await certifyMissing(coordinator, service);
  const { items } = await coordinator.session.json<{ items: ColleagueItem[] }>({
    method: 'GET',
    path: '/v1/devices',
  });
  const coordinators = coordinatorKeys(await coordinator.registry(), coordinator.organisation.id);
  for (const { certificate, box } of items.filter(({ revoked }) => !revoked)) {
    const { payload } = verifySigned(certificate, 'device-certificate+jws', coordinators);
    const key = fromBase64url(box);
    if (payload.device === coordinator.state.device) continue;
    await coordinator.grantTo({ box: key, boxId: boxKeyId(key), services: payload.services });
  }
}

/** Epochs are made in the order of their months, each naming the one before it. */
async function certifyMissing(coordinator: Device, service: string): Promise<void> {
  const registry = await coordinator.registry();
  const today = await coordinator.today();
  const shown = epochsOf(registry, service);
  const last = shown.at(-1);
  if (!last) return;
  const months = missingMonths(shown, today);
  if (months.length === 0) return;
  const { entries, seeds } = certifyEpochs({
    network: coordinator.network,
    organisation: coordinator.organisation,
    service: last.service,
    coordinator: coordinator.coordinatorKey(),
    today,
    previous: registry.entries[last.index] ?? null,
    months,
  });
  coordinator.keepSeeds(seeds);
  await coordinator.postEntries(entries);
}

/** Months, counted from today's, after the last one that has an epoch. */
function missingMonths(shown: readonly RegisteredServiceKey[], today: string): number[] {
  const newest = shown.reduce(
    (latest, { epoch }) => (epoch.slice(0, 7) > latest ? epoch.slice(0, 7) : latest),
    '',
  );
  return Array.from({ length: MONTHS_AHEAD + 1 }, (_, ahead) => ahead).filter(
    (ahead) => monthOf(today, ahead).month > newest,
  );
}
