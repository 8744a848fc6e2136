import type { FastifyReply, FastifyRequest } from 'fastify';

/** What apps in a browser may ask from wherever they were loaded; never pages, health or metrics. */
const OPEN = ['/v1', '/log', '/hsds', '/.well-known/oauth-authorization-server'];

/** `*` covers neither of the first two, and the others by name in some browsers only. */
const REQUEST_HEADERS = ['Authorization', 'DPoP', 'Content-Type', 'Idempotency-Key', 'If-None-Match'];
const ANSWER_HEADERS = [
  'DPoP-Nonce',
  'WWW-Authenticate',
  'Retry-After',
  'RateLimit',
  'RateLimit-Policy',
  'Date',
  'Location',
  'ETag',
  'Request-Id',
];

/**
 * Any origin: there are no cookies, and whoever has a token and its key may use them from where they like.
 */
export const ANY_ORIGIN = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': ANSWER_HEADERS.join(', '),
};
const PREFLIGHT = {
  'access-control-allow-methods': 'GET, HEAD, POST',
  'access-control-allow-headers': REQUEST_HEADERS.join(', '),
  // no browser keeps it longer than a day, Chromium two hours
  'access-control-max-age': '86400',
};

/**
 * Lets scripts of other origins read the answers of the API, refusals included, and answers a browser that
 * asks beforehand whether they may; true if it has. That asks nothing of the database and counts for no
 * limit: it says the same to everybody, at less than a refusal would cost, and each address of the API is
 * asked for anew.
 */
export function allowOtherOrigins({ method, url, headers }: FastifyRequest, reply: FastifyReply): boolean {
  const path = url.split('?')[0] ?? '';
  if (!OPEN.some((open) => path === open || path.startsWith(`${open}/`))) return false;
  void reply.headers(ANY_ORIGIN);
  const isPreflight = method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
  if (!isPreflight || headers.origin === undefined) return false;
  void reply.headers(PREFLIGHT).status(204).send();
  return true;
}
