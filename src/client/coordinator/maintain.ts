import { toBase64url } from '../../protocol/encoding/bytes.js';
import { boxKeyId } from '../../protocol/crypto/keys.js';
import { addDays } from '../../protocol/encoding/days.js';
import type { RegisteredServiceKey, Registry } from '../../protocol/registry/registry.js';
import { epochsOf } from '../../protocol/registry/registry-keys.js';
import { hashText } from '../../protocol/encoding/signed.js';
import { renewCertificate } from '../device/certify.js';
import { isTrustedToday, judgeColleagues, type Colleague } from '../device/colleagues.js';
import { monthOf } from '../device/days.js';
import type { Device } from '../device/device.js';
import { settleEach, type RefusedItem } from '../device/each.js';
import { certifyEpochs, MONTHS_AHEAD, type WantedEpoch } from './epochs.js';

/** A device that was off line for so long may still find its renewed certificate in time. */
const RENEWED_DAYS_BEFORE = 30;

/** What could not be seen to: of a service its id, of a device's certificate the text. */
export interface MaintenanceFailure {
  readonly what: 'service' | 'device' | 'grants' | 'certificate';
  readonly item: string;
  readonly check: string;
}

/**
 * What a coordinator's device does whenever it is on line: certifies its services' epochs for the months
 * ahead, grants its colleagues' devices the epochs that have begun or are about to, and renews the
 * certificates that are about to end, its own as well. The device's `save` writes the new seeds down before
 * the epochs are shown; save `device.state` afterwards as well. Each service and each device by itself:
 * answers which of them could not be seen to.
 * @throws Problem `unauthorised` where the device was revoked; all else is answered
 * @example
 * const failures = await maintainKeys(coordinator); // once a day
 * await save(coordinator.state);
 * for (const { what, item, check } of failures) show(what, item, check);
 */
export async function maintainKeys(coordinator: Device): Promise<readonly MaintenanceFailure[]> {
  const services = await settleEach(coordinator.services, (each) => certifyMissing(coordinator, each));
  const today = await coordinator.today();
  const colleagues = await judgeColleagues(coordinator);
  const trusted = colleagues.done.filter((each) => isTrustedToday(each, today));
  const others = trusted.filter(({ certificate }) => certificate.device !== coordinator.state.device);
  const granted = await settleEach(others, ({ certificate, box, grants }) =>
    coordinator.grantTo({ box, boxId: boxKeyId(box), services: certificate.services, grants }),
  );
  const soon = addDays(today, RENEWED_DAYS_BEFORE);
  const ending = trusted.filter(({ certificate }) => certificate.until <= soon);
  const renewed = await settleEach(ending, (colleague) => renew(coordinator, colleague, today));
  return [
    ...told('service', services.refused, (service) => service),
    ...told('device', colleagues.refused, ({ certificate }) => certificate),
    ...told('grants', granted.refused, ({ text }) => text),
    ...told('certificate', renewed.refused, ({ text }) => text),
  ];
}

function told<T>(
  what: MaintenanceFailure['what'],
  refused: readonly RefusedItem<T>[],
  nameOf: (item: T) => string,
): MaintenanceFailure[] {
  return refused.map(({ item, check }) => ({ what, item: nameOf(item), check }));
}

async function renew(coordinator: Device, { certificate, box }: Colleague, today: string): Promise<void> {
  const text = renewCertificate(certificate, today, coordinator.coordinatorKey());
  await coordinator.session.send({
    method: 'POST',
    path: '/v1/devices',
    idempotencyKey: toBase64url(hashText(text)),
    body: { certificate: text, box: toBase64url(box) },
  });
  if (certificate.device === coordinator.state.device) await coordinator.takeCertificate(text);
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
  await coordinator.saveSeeds(seeds);
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
