import { calculateJwkThumbprint, compactVerify, importJWK } from 'jose';
import { fromBase64url } from '../../protocol/bytes.js';
import { requireGoodKey } from '../../protocol/crypto/keys.js';
import { refuse } from '../../protocol/errors.js';
import { parseStrict } from '../../protocol/json.js';

/** Names that OAuth libraries use for the two kinds of key; one of them is fixed per device. */
const ALGORITHMS = { OKP: ['Ed25519', 'EdDSA'], EC: ['ES256'] } as const;
const MAX_LENGTH = 4096;

export type Claims = Readonly<Record<string, unknown>>;

export interface StrictJwt {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Claims;
  readonly text: string;
}

/**
 * Reads a compact JWT: canonical base64url, strict JSON without duplicate names, and no header but those named. jose
 * alone lets all of these pass. Nothing is believed before `verifyJwt`.
 */
export function readJwt(text: string, headerNames: readonly string[]): StrictJwt {
  const parts = text.split('.');
  if (parts.length !== 3 || text.length > MAX_LENGTH) refuse('jwt');
  const [header, claims] = parts
    .map(fromBase64url)
    .slice(0, 2)
    .map((part) => parseStrict(part));
  if (!isObject(header) || !isObject(claims)) refuse('jwt');
  if (Object.keys(header).some((name) => !headerNames.includes(name))) refuse('jwt-header');
  return { header, claims, text };
}

/** Verifies the signature by this very key, with the algorithm that belongs to its kind. */
export async function verifyJwt({ header, text }: StrictJwt, key: PublicKey): Promise<void> {
  const allowed: readonly string[] = ALGORITHMS[key.kty];
  if (typeof header['alg'] !== 'string' || !allowed.includes(header['alg'])) refuse('jwt-alg');
  try {
    await compactVerify(text, await importJWK({ ...key }, header['alg']), { algorithms: [header['alg']] });
  } catch {
    refuse('jwt-signature');
  }
}

/** Refuses a JWT before its own `nbf` or after its own `exp`, where it has them (RFC 7519, sections 4.1.4 and 4.1.5). */
export function requireInForce({ exp, nbf }: Claims, clockAheadSeconds: number): void {
  const now = Date.now() / 1000;
  if (exp !== undefined && (typeof exp !== 'number' || exp <= now)) refuse('jwt-time');
  if (nbf !== undefined && (typeof nbf !== 'number' || nbf > now + clockAheadSeconds)) refuse('jwt-time');
}

export type PublicKey =
  | { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string }
  | { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string };

/** A public key out of a header: the two kinds, their own members and no private one. Its sender controls it. */
export function requirePublicKey(value: unknown): PublicKey {
  if (!isObject(value) || 'd' in value || 'k' in value) refuse('jwt-key');
  const { kty, crv, x, y } = value;
  if (typeof x !== 'string' || fromBase64url(x).length !== 32) refuse('jwt-key');
  if (kty === 'OKP' && crv === 'Ed25519') {
    requireGoodKey(fromBase64url(x));
    return { kty, crv, x };
  }
  if (kty !== 'EC' || crv !== 'P-256' || typeof y !== 'string' || fromBase64url(y).length !== 32)
    refuse('jwt-key');
  return { kty, crv, x, y };
}

/** What libraries add to a key must not say that it is for something else (RFC 7517, section 4). */
export function requireForSigning(jwk: unknown, alg: unknown): void {
  const hints = isObject(jwk) ? jwk : refuse('jwt-key');
  const { use = 'sig', key_ops: operations = ['verify'] } = hints;
  if (use !== 'sig' || (hints['alg'] ?? alg) !== alg) refuse('jwt-key');
  if (!Array.isArray(operations) || !operations.includes('verify')) refuse('jwt-key');
}

/** RFC 7638. */
export async function thumbprintOf(key: PublicKey): Promise<string> {
  return calculateJwkThumbprint({ ...key });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
