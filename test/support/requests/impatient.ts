import { Device, type DeviceState } from '../../../src/client/index.js';
import type { Fetch } from '../../../src/client/device/transport.js';

/** What stands for 503 here: the client's own transport would try that again. */
export const UNAVAILABLE = 599;
const UNREACHABLE = 598;

/** Never tries again. `goes` is the client going away. */
function impatientFetch(goes = new AbortController().signal): Fetch {
  return async (url, init) => {
    const signal = AbortSignal.any([goes, ...(init?.signal ? [init.signal] : [])]);
    try {
      const answer = await fetch(url, { ...init, signal });
      return answer.status === 503 ? new Response(null, { status: UNAVAILABLE }) : answer;
    } catch {
      return new Response(null, { status: UNREACHABLE });
    }
  };
}

/** The same device, perhaps at another address, that asks once and then gives up. */
export async function impatient(
  { state }: Device,
  { address, goes }: { readonly address: string; readonly goes?: AbortSignal },
): Promise<Device> {
  return Device.start(movedTo(state, address), { fetch: impatientFetch(goes) });
}

/** What a device keeps, for another process of the same network. */
export function movedTo(state: DeviceState, address: string): DeviceState {
  return { ...state, network: { ...state.network, issuer: address } };
}
