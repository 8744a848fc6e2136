import { Device, type DeviceState } from '../../src/client/index.js';
import type { Fetch } from '../../src/client/transport.js';

/** Never tries again: a fault is an answer that nothing takes for a passing one. `goes` is the client going away. */
function impatientFetch(goes = new AbortController().signal): Fetch {
  return async (url, init) => {
    const signal = AbortSignal.any([goes, ...(init?.signal ? [init.signal] : [])]);
    const answer = await fetch(url, { ...init, signal }).catch(() => Response.error());
    return answer.status === 503 || answer.type === 'error' ? new Response(null, { status: 599 }) : answer;
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
