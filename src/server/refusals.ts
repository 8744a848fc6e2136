import type { ErrorCode } from './common/errors/index.js';

/**
 * What the API answers: not the pages, their scripts and the documentation, which hold nothing of anybody's,
 * nor health.
 */
const API = /^\/(?:v1|log|hsds)(?:\/|$)/;
const DESCRIPTION = '/v1/openapi.json';

/** What brings content: more bytes than everything else together, and nothing that cannot wait. */
const BRINGS_CONTENT = new Set([
  '/v1/referrals',
  '/v1/referrals/:id/messages',
  '/v1/referrals/:id/carried-over',
  '/v1/receipt/messages',
  '/v1/attachments',
  '/v1/attachments/:id/parts',
  '/v1/audits/answers',
]);

/** What keeps this machine from its full work. */
export interface Trouble {
  /** The database is older than what was signed. */
  readonly isBehind: boolean;
  /** What room is left is for withdrawals, and what else must never be refused. */
  readonly isTight: boolean;
}

/**
 * What a request is told that this machine, as it stands, does not do. `route` with its parameters' names.
 */
export function refusalOf(
  { route, method }: { readonly route: string; readonly method: string },
  { isBehind, isTight }: Trouble,
): ErrorCode | undefined {
  if (isBehind && API.test(route) && route !== DESCRIPTION) return 'restore_needed';
  if (isTight && method === 'POST' && BRINGS_CONTENT.has(route)) return 'storage_full';
  return undefined;
}
