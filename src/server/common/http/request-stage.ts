import { createHmac, randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { isInherited } from '../../../protocol/json.js';
import { DomainError } from '../errors/index.js';

const WINDOW_S = 60;
const HOUR_MS = 3_600_000;
/** The person's door is counted apart: whatever else an address asks for, it can still see a receipt and withdraw. */
const DOORS: Readonly<Record<string, string>> = {
  '/v1/receipt': 'receipt',
  '/v1/receipts/withdrawals': 'withdrawals',
};
/** And what is read with paper and word once more: many people share an address, and words are guessed. */
const READING = '/v1/receipt/';

/** The public logs are thousands of small files, cheap to find: whoever copies a year of them is counted apart, and later. */
const LOG = '/log/';
const COPYING = 10;

/** A plain name; HSDS writes its own with underscores. */
const PARAMETER = /^(?=.{1,32}$)[a-zA-Z]+(_[a-zA-Z]+)*$/;

/** More than wait for a connection to the database already could not all be served in time. */
const MOST_WAITING = 100;
const LIVENESS = '/health/live';

/**
 * What every request passes before Nest: limits that are equal for everybody, a strict query, headers that keep answers
 * out of caches and pages out of frames. `waiting` counts who waits for the database: beyond a bound it is kinder to say
 * so at once than to let everybody wait.
 */
export function addRequestStage(
  fastify: FastifyInstance,
  requestsPerMinute: number,
  waiting: () => number,
): void {
  const limiter = new RateLimiterMemory({ points: requestsPerMinute, duration: WINDOW_S });
  const copying = new RateLimiterMemory({ points: COPYING * requestsPerMinute, duration: WINDOW_S });
  const addresses = new HourlyPseudonyms();
  fastify.addHook('onRequest', async (request, reply) => {
    addHeaders(reply);
    requireStrictTarget(request);
    const bucket = bucketOf(request.routeOptions.url ?? '');
    const address = addresses.of(request.ip);
    await limit(bucket === 'log' ? copying : limiter, { bucket, address }, reply);
    if (waiting() >= MOST_WAITING && request.routeOptions.url !== LIVENESS)
      throw new DomainError('overloaded');
  });
}

function bucketOf(url: string): string {
  if (url.startsWith(LOG)) return 'log';
  return DOORS[url] ?? (url.startsWith(READING) ? 'reading' : 'default');
}

function addHeaders(reply: FastifyReply): void {
  void reply.headers({
    'cache-control': 'no-store',
    'content-security-policy':
      "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
    'strict-transport-security': 'max-age=31536000',
  });
}

/** What every object has by itself is no parameter: the framework takes such names away in silence. */
function isPlain(name: string): boolean {
  return PARAMETER.test(name) && !isInherited(name);
}

/** Each query parameter once, with a plain name; bodies only where a method has one. */
function requireStrictTarget({ url, method, headers }: FastifyRequest): void {
  const query = url.includes('?') ? url.slice(url.indexOf('?') + 1) : '';
  const names = query === '' ? [] : [...new URLSearchParams(query).keys()];
  if (new Set(names).size !== names.length || names.some((name) => !isPlain(name))) {
    throw new DomainError('input_invalid');
  }
  if (/%(?![0-9A-Fa-f]{2})|%00/.test(url)) throw new DomainError('input_invalid');
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  if (hasBody && method !== 'POST') throw new DomainError('input_invalid');
  if (headers['x-http-method-override'] !== undefined) throw new DomainError('input_invalid');
}

async function limit(
  limiter: RateLimiterMemory,
  { bucket, address }: { readonly bucket: string; readonly address: string },
  reply: FastifyReply,
): Promise<void> {
  const { points } = limiter;
  void reply.header('ratelimit-policy', `"${bucket}";q=${points};w=${WINDOW_S}`);
  const state = await limiter.consume(`${bucket} ${address}`).catch(asState);
  const seconds = Math.ceil(state.msBeforeNext / 1000);
  void reply.header('ratelimit', `"${bucket}";r=${state.remainingPoints};t=${seconds}`);
  if (state.remainingPoints > 0 || state.consumedPoints <= points) return;
  void reply.header('retry-after', seconds);
  throw new DomainError('rate_limited');
}

/** The limiter refuses by rejecting with its state; anything else is a fault. */
function asState(rejected: unknown): RateLimiterRes {
  if (rejected instanceof RateLimiterRes) return rejected;
  throw rejected;
}

/** Addresses are never written down, and their pseudonyms mean nothing an hour later. */
class HourlyPseudonyms {
  private key = randomBytes(32);
  private until = Date.now() + HOUR_MS;

  of(address: string): string {
    if (Date.now() > this.until) {
      this.key = randomBytes(32);
      this.until = Date.now() + HOUR_MS;
    }
    return createHmac('sha256', this.key).update(address).digest('base64url');
  }
}
