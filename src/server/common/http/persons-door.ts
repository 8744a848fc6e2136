import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { fromBase64url, isId } from '../../../protocol/encoding/bytes.js';
import { parseStrict } from '../../../protocol/encoding/json.js';
import { readUnverified } from '../../../protocol/encoding/signed.js';
import { authThumbprint, type AuthKey } from '../access/index.js';
import { DomainError } from '../errors/index.js';
import { asState, HourlyPseudonyms, keyOf, take, WINDOW_S } from './limits.js';

/** Which receipt a request is for, as far as it says itself: nothing of it is verified. */
export type Named = { readonly kid: string } | { readonly consent: string };

/** Whether there is such a receipt: one look through an index. */
export type IsKnown = (named: Named) => Promise<boolean>;

type Door = 'receipt' | 'reading' | 'withdrawals';

const WITHDRAWALS = '/v1/receipts/withdrawals';
/**
 * Look-ups for addresses over their limit at once, and how many may wait: a few milliseconds of the database
 * each.
 */
const AT_ONCE = 2;
const MOST_WAITING = 500;
/** A withdrawal is some 700 bytes. */
const LONGEST = 16_384;

/**
 * The person's door: what paper, or paper and word, or a signature by the code asks for; undefined for
 * everything else.
 */
export function doorOf(url: string): Door | undefined {
  if (url === WITHDRAWALS) return 'withdrawals';
  if (url === '/v1/receipt') return 'receipt';
  return url.startsWith('/v1/receipt/') ? 'reading' : undefined;
}

/**
 * The limit at the person's door. Many people share an address: a shelter, a street team's phone. So only
 * what fails counts against an address, and when it has failed too often, whoever names a receipt that exists
 * is let in all the same; anybody else is told that there is nothing, after one look through an index, two at
 * once for all such addresses together. A receipt and a withdrawal that hold are so refused to nobody. What
 * one receipt's holder asks for is limited by that receipt. Codes have 115 bits: guessing is no danger, only
 * a load.
 */
export function addPersonsDoor(fastify: FastifyInstance, requestsPerMinute: number, isKnown: IsKnown): void {
  const failures = new RateLimiterMemory({ points: requestsPerMinute, duration: WINDOW_S });
  const successes = new RateLimiterMemory({ points: requestsPerMinute, duration: WINDOW_S });
  const addresses = new HourlyPseudonyms();
  const look = inTurns(isKnown);
  fastify.addHook('onRequest', (request, _reply, done) => {
    const isLong = Number(request.headers['content-length'] ?? 0) > LONGEST;
    done(isLong && request.routeOptions.url === WITHDRAWALS ? new DomainError('too_large') : undefined);
  });
  fastify.addHook('preHandler', async (request, reply) => {
    const door = doorOf(request.routeOptions.url ?? '');
    if (door === undefined) return;
    const address = addresses.of(request.ip);
    const named = nameIn(request, door);
    request.atDoor = { door, address, ...(named && { named: textOf(named) }) };
    const { isOver } = await take(failures, door, address, reply);
    if (named && (await isUsedUp(successes, door, textOf(named)))) refuse(reply);
    if (isOver) await requireKnown(named, look, reply);
  });
  fastify.addHook('onResponse', async ({ atDoor }, { statusCode }) => {
    if (!atDoor || statusCode >= 400) return;
    const { door, address, named } = atDoor;
    await failures.reward(keyOf(door, address));
    if (named !== undefined) await successes.consume(keyOf(door, named)).catch(asState);
  });
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the person's door. */
    atDoor?: { readonly door: string; readonly address: string; readonly named?: string };
  }
}

async function requireKnown(named: Named | undefined, look: Look, reply: FastifyReply): Promise<void> {
  if (!named) return refuse(reply);
  const isThere = await look(named);
  if (isThere === undefined) return refuse(reply);
  if (!isThere) throw new DomainError('not_found');
}

async function isUsedUp(limiter: RateLimiterMemory, door: Door, named: string): Promise<boolean> {
  const state = await limiter.get(keyOf(door, named));
  return state !== null && state.consumedPoints >= limiter.points;
}

function refuse(reply: FastifyReply): never {
  if (!reply.hasHeader('retry-after')) void reply.header('retry-after', WINDOW_S);
  throw new DomainError('rate_limited');
}

function textOf(named: Named): string {
  return 'kid' in named ? named.kid : named.consent;
}

/** The code's key in a proof, or the consent in a withdrawal; undefined where it cannot be read. */
function nameIn({ headers, body }: FastifyRequest, door: Door): Named | undefined {
  try {
    if (door !== 'withdrawals') return { kid: kidOf(headers.dpop) };
    const { statement } = body as { statement: { jws: string } };
    const { consent } = readUnverified(statement.jws).payload as { consent: unknown };
    return typeof consent === 'string' && isId(consent) ? { consent } : undefined;
  } catch {
    return undefined;
  }
}

function kidOf(proof: unknown): string {
  const [header = ''] = String(proof).slice(0, 4096).split('.');
  const { jwk } = parseStrict(fromBase64url(header)) as { jwk: AuthKey };
  return authThumbprint(jwk);
}

type Look = (named: Named) => Promise<boolean | undefined>;

/** Two at once, the others in turn; undefined where too many wait. */
function inTurns(isKnown: IsKnown): Look {
  const lanes = Array.from({ length: AT_ONCE }, () => Promise.resolve<unknown>(undefined));
  let waiting = 0;
  return async (named) => {
    if (waiting >= MOST_WAITING) return undefined;
    const lane = waiting++ % AT_ONCE;
    const answer = (lanes[lane] ?? Promise.resolve()).then(() => isKnown(named));
    lanes[lane] = answer.catch(() => undefined);
    try {
      return await answer;
    } finally {
      waiting--;
    }
  };
}
