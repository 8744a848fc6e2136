import { createHmac, randomBytes } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import { RateLimiterRes, type RateLimiterMemory } from 'rate-limiter-flexible';

export const WINDOW_S = 60;
const HOUR_MS = 3_600_000;

/**
 * Takes one point for a request and says in the answer's headers how many are left; `retry-after` where there
 * is none. Whether that refuses the request is the caller's affair.
 */
export async function take(
  limiter: RateLimiterMemory,
  bucket: string,
  who: string,
  reply: FastifyReply,
): Promise<{ isOver: boolean }> {
  const { points } = limiter;
  void reply.header('ratelimit-policy', `"${bucket}";q=${points};w=${WINDOW_S}`);
  const state = await limiter.consume(keyOf(bucket, who)).catch(asState);
  const seconds = Math.ceil(state.msBeforeNext / 1000);
  void reply.header('ratelimit', `"${bucket}";r=${state.remainingPoints};t=${seconds}`);
  const isOver = state.remainingPoints <= 0 && state.consumedPoints > points;
  if (isOver) void reply.header('retry-after', seconds);
  return { isOver };
}

export function keyOf(bucket: string, who: string): string {
  return `${bucket} ${who}`;
}

/** The limiter refuses by rejecting with its state; anything else is a fault. */
export function asState(rejected: unknown): RateLimiterRes {
  if (rejected instanceof RateLimiterRes) return rejected;
  throw rejected;
}

/** Addresses are never written down, and their pseudonyms mean nothing an hour later. */
export class HourlyPseudonyms {
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
