import type { Device, DeviceState } from '../../../src/client/index.js';
import { toBase64url } from '../../../src/protocol/encoding/bytes.js';
import { givenDevice, type DeviceOf, type TestDevice } from './founders.js';
import { post } from './makers.js';

/** One more worker's device, certified without an invitation. */
export async function addDevice(
  coordinator: Device,
  service: string,
  change: DeviceOf['change'] = {},
): Promise<TestDevice> {
  const { network, organisation } = coordinator;
  const device = givenDevice(
    { network, today: await coordinator.today() },
    { organisation, coordinator: coordinator.coordinatorKey(), role: 'worker', services: [service], change },
  );
  const { certificate, box } = device;
  await post(coordinator, '/v1/devices', { certificate, box: toBase64url(box.publicKey) });
  return device;
}

/** What such a device would keep, as a colleague of the one whose state this is. */
export function stateOf(device: TestDevice, colleague: DeviceState): DeviceState {
  const { id, auth, sign, box, certificate } = device;
  const seeds = { auth: toBase64url(auth.seed), sign: toBase64url(sign.seed), box: toBase64url(box.seed) };
  return { ...colleague, ...seeds, device: id, certificate, epochs: [] };
}
