import type { FastifyInstance } from 'fastify';

/**
 * For requests that have begun; what hangs on longer is cut off, so that a stop takes seconds whatever is
 * connected.
 */
const GRACE_MS = 5_000;

/** Takes no more requests, lets those end that have begun, and closes every connection. */
export async function closeApp(app: FastifyInstance): Promise<void> {
  const cut = setTimeout(() => app.server.closeAllConnections(), GRACE_MS);
  await app.close();
  clearTimeout(cut);
}
