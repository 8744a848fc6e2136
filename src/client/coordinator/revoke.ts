import { newId, randomBytes } from '../../protocol/encoding/bytes.js';
import { derivePaper, requireCode } from '../../protocol/encoding/codes.js';
import { signingKey, type SigningKey } from '../../protocol/crypto/keys.js';
import { refuse } from '../../protocol/encoding/errors.js';
import type { Registry } from '../../protocol/registry/registry.js';
import { epochsOf } from '../../protocol/registry/registry-keys.js';
import { sign } from '../../protocol/encoding/signed.js';
import { certifyCoordinator } from '../device/certify.js';
import { listColleagues } from '../device/colleagues.js';
import type { Device } from '../device/device.js';
import { maintainKeys, type MaintenanceFailure } from './maintain.js';

/** A device that is lost, and what it could read and sign. */
export interface LostDevice {
  readonly device: string;
  /** For these services it held the epochs' seeds, besides those that its certificate names. */
  readonly services: readonly string[];
  /**
   * Needed for a coordinator's device: the organisation's root alone takes back what it could certify with.
   */
  readonly paperCode?: string;
}

/**
 * Gives a device of role coordinator the key that certifies, by the paper code: a second coordinator, who can
 * act when the first device is lost. Save `device.state` afterwards.
 * @throws Refused `not-a-coordinator` where the device's role is another; `paper-code` for another code than
 * the organisation's
 * @example
 * await appointCoordinator(device, paperCode);
 * await save(device.state);
 */
export async function appointCoordinator(device: Device, paperCode: string): Promise<void> {
  if (device.state.role !== 'coordinator') refuse('not-a-coordinator');
  const root = requireRoot(device, await device.registry(), paperCode);
  const key = signingKey(randomBytes(32));
  const of = { network: device.network, organisation: device.organisation.id, today: await device.today() };
  await device.postEntries([certifyCoordinator(of, key, root)]);
  device.setCoordinatorKey(key);
}

/**
 * What a coordinator does when a device is lost: the server refuses it at its next request, the epochs that
 * it could read with are revoked in the registry, and new ones are made and granted the same day. What was
 * sealed to the old ones stays readable for the devices that remain. Save `device.state` afterwards.
 *
 * A coordinator's device could certify anybody: with it every other coordinator key of the organisation is
 * revoked, by the root, because nobody but a device knows which key it holds; and whoever was certified by
 * one of them is invited anew. Refuses, before anything is sent, what would leave a service without a key,
 * and a device that would revoke itself. Answers what `maintainKeys` does.
 * @throws Refused `own-device`, `service-not-served`, `not-a-coordinator`; `paper-code` where a
 * coordinator's device is lost and the code is missing or another
 * @example
 * const failures = await revokeDevice(coordinator, { device: other, services: [service] });
 * await save(coordinator.state);
 * show(failures);
 */
export async function revokeDevice(
  coordinator: Device,
  lost: LostDevice,
  reason = 'device-lost',
): Promise<readonly MaintenanceFailure[]> {
  const { device } = lost;
  // it would take every other coordinator's key back and leave a key that no device holds
  if (device === coordinator.state.device) refuse('own-device');
  const { from, entries } = await planRevocation(coordinator, lost, reason);
  const payload = { network: coordinator.network, organisation: coordinator.organisation.id, from, reason };
  const revocation = sign('device-revocation+jws', { ...payload, device }, coordinator.coordinatorKey());
  const path = `/v1/devices/${device}/revocation`;
  await coordinator.session.send({ method: 'POST', path, idempotencyKey: newId(), body: { revocation } });
  if (entries.length > 0) await coordinator.postEntries(entries);
  return maintainKeys(coordinator);
}

interface Plan {
  readonly from: string;
  /** One revocation for each key that the device held. */
  readonly entries: readonly string[];
}

async function planRevocation(coordinator: Device, lost: LostDevice, reason: string): Promise<Plan> {
  const registry = await coordinator.registry();
  const from = await coordinator.today();
  const { services, isCoordinator } = await heldBy(coordinator, registry, lost);
  if (!services.every((service) => coordinator.serves(service))) refuse('service-not-served');
  const own = coordinator.coordinatorKey();
  const signer = isCoordinator ? requireRoot(coordinator, registry, lost.paperCode) : own;
  const keys = [
    ...(isCoordinator ? otherCoordinators(coordinator, registry, own) : []),
    ...liveEpochs(registry, services, from),
  ];
  const payload = { network: coordinator.network, organisation: coordinator.organisation.id, from, reason };
  return { from, entries: keys.map((key) => sign('revocation+jws', { ...payload, key }, signer)) };
}

/**
 * A coordinator's device may have made any epoch of its organisation. A device without a certificate is what
 * one is told.
 */
async function heldBy(
  coordinator: Device,
  registry: Registry,
  lost: LostDevice,
): Promise<{ services: readonly string[]; isCoordinator: boolean }> {
  const colleagues = await listColleagues(coordinator);
  const certificate = colleagues.find((each) => each.certificate.device === lost.device)?.certificate;
  if (certificate?.role === 'coordinator' || lost.paperCode !== undefined)
    return { services: servicesOf(registry, coordinator.organisation.id), isCoordinator: true };
  const services = new Set([...lost.services, ...(certificate?.services ?? [])]);
  return { services: [...services], isCoordinator: false };
}

function servicesOf(registry: Registry, organisation: string): string[] {
  const own = [...registry.serviceKeys.values()].filter((shown) => shown.organisation.id === organisation);
  return [...new Set(own.map(({ service }) => service.id))];
}

/** The organisation's root key, out of its paper code; refuses any other code. */
export function requireRoot(device: Device, registry: Registry, paperCode: string | undefined): SigningKey {
  const root = derivePaper(requireCode(paperCode ?? refuse('paper-code'))).sign;
  const shown = registry.organisations.get(device.organisation.id);
  return root.kid === shown?.kid ? root : refuse('paper-code');
}

function otherCoordinators({ organisation }: Device, registry: Registry, own: SigningKey): string[] {
  return [...registry.coordinators.values()]
    .filter((shown) => shown.organisation === organisation.id && shown.kid !== own.kid)
    .filter(({ revokedAt }) => revokedAt === undefined)
    .map(({ kid }) => kid);
}

/** Thumbprints of every epoch, present and pre-certified, that nobody has revoked. */
function liveEpochs(registry: Registry, services: readonly string[], today: string): string[] {
  return services
    .flatMap((service) => epochsOf(registry, service))
    .filter(({ revokedAt, until }) => revokedAt === undefined && until >= today)
    .map(({ kid }) => kid);
}
