import { newId } from '../protocol/bytes.js';
import { epochsOf } from '../protocol/registry-keys.js';
import { sign } from '../protocol/signed.js';
import type { Device } from './device.js';
import { maintainKeys } from './maintain.js';

export interface LostDevice {
  readonly device: string;
  /** For these services it held the epochs' seeds. */
  readonly services: readonly string[];
}

/**
 * What a coordinator does when a device is lost: the server refuses it at its next request, the epochs that it could
 * read with are revoked in the registry, and new ones are made and granted the same day. What was sealed to the old ones
 * stays readable for the devices that remain. Keep `device.state` afterwards.
 */
export async function revokeDevice(
  coordinator: Device,
  lost: LostDevice,
  reason = 'device-lost',
): Promise<void> {
  const common = {
    network: coordinator.network,
    organisation: coordinator.organisation.id,
    from: await coordinator.today(),
    reason,
  };
  const revocation = sign(
    'device-revocation+jws',
    { ...common, device: lost.device },
    coordinator.coordinatorKey(),
  );
  const path = `/v1/devices/${lost.device}/revocation`;
  await coordinator.session.send({ method: 'POST', path, idempotencyKey: newId(), body: { revocation } });
  const entries = await liveEpochs(coordinator, lost.services);
  const revoked = entries.map((key) =>
    sign('revocation+jws', { ...common, key }, coordinator.coordinatorKey()),
  );
  if (revoked.length > 0) await coordinator.postEntries(revoked);
  await maintainKeys(coordinator);
}

/** Thumbprints of every epoch, present and pre-certified, that nobody has revoked. */
async function liveEpochs(coordinator: Device, services: readonly string[]): Promise<string[]> {
  const registry = await coordinator.registry();
  const today = await coordinator.today();
  return services
    .flatMap((service) => epochsOf(registry, service))
    .filter(({ revokedAt, until }) => revokedAt === undefined && until >= today)
    .map(({ kid }) => kid);
}
