import { Device, type DeviceState } from '../../../src/client/index.js';
import { inDays } from '../network/founders.js';

/** Changes the body of an answer on its way, in place. */
export type Change = (body: Record<string, unknown>, path: string) => void;

/** A server that lies: true answers, changed on their way to one device. */
export function lying(change: Change): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    if (!(response.headers.get('content-type') ?? '').startsWith('application/json')) return response;
    const body = (await response.json()) as Record<string, unknown>;
    change(body, pathOf(input));
    return new Response(JSON.stringify(body), { status: response.status, headers: response.headers });
  };
}

/** A server whose day is so many days after the one that it judges by. */
export function tellingDay(days: number): typeof fetch {
  return lying((body, path) => {
    if (path === '/v1/network') body['today'] = inDays(String(body['today']), days);
  });
}

/** The same device, told these lies. */
export async function deceived(state: DeviceState, change: Change): Promise<Device> {
  return Device.start(state, { fetch: lying(change) });
}

/** A device of which everything that it posts is seen, but for its asking for a token. */
export async function watched(
  state: DeviceState,
  change: Change = () => undefined,
): Promise<{ device: Device; posted: string[] }> {
  const posted: string[] = [];
  const liar = lying(change);
  const device = await Device.start(state, {
    fetch: (input, init) => {
      const path = pathOf(input);
      if (init?.method === 'POST' && path !== '/v1/token') posted.push(path);
      return liar(input, init);
    },
  });
  return { device, posted };
}

function pathOf(input: string | URL | Request): string {
  return new URL(input instanceof Request ? input.url : input).pathname;
}
