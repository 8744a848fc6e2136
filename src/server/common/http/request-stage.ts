import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { isInherited } from '../../../protocol/encoding/json.js';
import { DomainError, type ErrorCode } from '../errors/index.js';
import { allowOtherOrigins } from './cross-origin.js';
import { HourlyPseudonyms, take, WINDOW_S } from './limits.js';
import { doorOf } from './persons-door.js';

/**
 * The public logs are thousands of small files, cheap to find: whoever copies a year of them is counted
 * apart, and later.
 */
const LOG = '/log/';
const COPYING = 10;

/** A plain name; HSDS writes its own with underscores. */
const PARAMETER = /^(?=.{1,32}$)[a-zA-Z]+(_[a-zA-Z]+)*$/;

/** More than wait for a connection to the database already could not all be served in time. */
const MOST_WAITING = 100;
const LIVENESS = '/health/live';

/** How this machine stands, asked at each request. */
export interface MachineState {
  readonly waiting: () => number;
  readonly refusal: (request: { readonly route: string; readonly method: string }) => ErrorCode | undefined;
}

/**
 * What every request passes before Nest: limits that are equal for everybody, a strict query, headers that
 * keep answers out of caches and pages out of frames. `waiting` counts who waits for the database: beyond a
 * bound it is kinder to say so at once than to let everybody wait. `refusal` says what this machine cannot do
 * in its present state.
 */
export function addRequestStage(
  fastify: FastifyInstance,
  requestsPerMinute: number,
  { waiting, refusal }: MachineState,
): void {
  const limiter = new RateLimiterMemory({ points: requestsPerMinute, duration: WINDOW_S });
  const copying = new RateLimiterMemory({ points: COPYING * requestsPerMinute, duration: WINDOW_S });
  const addresses = new HourlyPseudonyms();
  fastify.addHook('onRequest', async (request, reply) => {
    if (isAnswered(request, reply)) return;
    requireStrictTarget(request);
    const route = request.routeOptions.url ?? '';
    // the person's door has a limit of its own, which knows the receipts (persons-door.ts)
    if (doorOf(route) === undefined) {
      const bucket = route.startsWith(LOG) ? 'log' : 'default';
      const state = await take(bucket === 'log' ? copying : limiter, bucket, addresses.of(request.ip), reply);
      if (state.isOver) throw new DomainError('rate_limited');
    }
    if (waiting() >= MOST_WAITING && route !== LIVENESS) throw new DomainError('overloaded');
    const refused = refusal({ route, method: request.method });
    if (refused) throw new DomainError(refused);
  });
}

/**
 * What every answer carries, that of a request which never came as far as a route too; true for a preflight,
 * answered by it.
 */
export function isAnswered(request: FastifyRequest, reply: FastifyReply): boolean {
  void reply.headers({
    'request-id': request.id,
    'cache-control': 'no-store',
    'content-security-policy':
      "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
    'strict-transport-security': 'max-age=31536000',
  });
  return allowOtherOrigins(request, reply);
}

/** What every object has by itself is no parameter: the framework takes such names away in silence. */
function isPlain(name: string): boolean {
  return PARAMETER.test(name) && !isInherited(name);
}

/** Each query parameter once, with a plain name; bodies only where a method has one. */
function requireStrictTarget({ url, method, headers }: FastifyRequest): void {
  const query = url.includes('?') ? url.slice(url.indexOf('?') + 1) : '';
  const names = query === '' ? [] : [...new URLSearchParams(query).keys()];
  if (names.some((name) => !isPlain(name))) throw new DomainError('input_invalid');
  const doubled = names.find((name, i) => names.indexOf(name) !== i);
  if (doubled !== undefined) throw new DomainError('input_invalid', { parameter: doubled, detail: 'form' });
  if (/%(?![0-9A-Fa-f]{2})|%00/.test(url)) throw new DomainError('input_invalid');
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  if (hasBody && method !== 'POST')
    throw new DomainError('input_invalid', { pointer: '', detail: 'unknown' });
  if (headers['x-http-method-override'] !== undefined)
    throw new DomainError('input_invalid', { header: 'X-HTTP-Method-Override', detail: 'unknown' });
}
