import { verify, type JsonWebKey } from 'node:crypto';
import { fromBase64url, utf8 } from '../../protocol/encoding/bytes.js';
import { check } from '../../protocol/encoding/check.js';
import { verifyBytes } from '../../protocol/crypto/keys.js';
import { refuse } from '../../protocol/encoding/errors.js';
import { parseStrict } from '../../protocol/encoding/json.js';
import { AuthKey as AuthKeySchema } from '../../protocol/schemas/registry.js';
import type { AuthKey } from '../common/access/index.js';

/** Names that OAuth libraries use for the two kinds of key; one of them is fixed per device. */
const ALGORITHMS = { OKP: ['Ed25519', 'EdDSA'], EC: ['ES256'] } as const;
const MAX_LENGTH = 4096;
/** Seconds by which a clock may run ahead of ours. */
const CLOCK_AHEAD_S = 60;

export type Claims = Readonly<Record<string, unknown>>;

export interface StrictJwt {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Claims;
  readonly text: string;
  readonly signature: Uint8Array;
}

/**
 * Reads a compact JWT: canonical base64url, strict JSON without duplicate names, and no header but those
 * named. JWT libraries let all of these pass. Nothing is believed before `verifyJwt`.
 */
export function readJwt(text: string, headerNames: readonly string[]): StrictJwt {
  const parts = text.split('.');
  if (parts.length !== 3 || text.length > MAX_LENGTH) refuse('jwt');
  const [head, body, signature] = parts.map(fromBase64url) as [Uint8Array, Uint8Array, Uint8Array];
  const [header, claims] = [parseStrict(head), parseStrict(body)];
  if (!isObject(header) || !isObject(claims)) refuse('jwt');
  if (Object.keys(header).some((name) => !headerNames.includes(name))) refuse('jwt-header');
  return { header, claims, text, signature };
}

/** Verifies the signature by this very key, with the algorithm that belongs to its kind. */
export function verifyJwt({ header, text, signature }: StrictJwt, key: AuthKey): void {
  const allowed: readonly string[] = ALGORITHMS[key.kty];
  if (typeof header['alg'] !== 'string' || !allowed.includes(header['alg'])) refuse('jwt-alg');
  const signed = utf8(text.slice(0, text.lastIndexOf('.')));
  const isGood =
    key.kty === 'OKP'
      ? verifyBytes(signature, signed, fromBase64url(key.x))
      : verify('sha256', signed, { ...p256(key), dsaEncoding: 'ieee-p1363' }, signature);
  if (!isGood) refuse('jwt-signature');
}

function p256(key: AuthKey): { key: JsonWebKey; format: 'jwk' } {
  return { key: { ...key }, format: 'jwk' };
}

/**
 * Whether a JWT holds at that second: not before its own `nbf` or `iat`, nor after its own `exp`, where it
 * has them.
 */
export function isInForce({ iat, exp, nbf }: Claims, at: number): boolean {
  const hasBegun = [iat, nbf].every(
    (from) => from === undefined || (isNumber(from) && from <= at + CLOCK_AHEAD_S),
  );
  return hasBegun && (exp === undefined || (isNumber(exp) && exp > at));
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

/** A public key out of a header: the two kinds, and no private member. Its sender controls it. */
export function requireAuthKey(value: unknown): AuthKey {
  if (!isObject(value) || 'd' in value || 'k' in value) refuse('jwt-key');
  const { kty, crv, x, y } = value;
  const key: unknown = kty === 'OKP' ? { kty, crv, x } : { kty, crv, x, y };
  return check(AuthKeySchema, key) ? key : refuse('jwt-key');
}

/** What libraries add to a key must not say that it is for something else (RFC 7517, section 4). */
export function requireForSigning(jwk: unknown, alg: unknown): void {
  const hints = isObject(jwk) ? jwk : refuse('jwt-key');
  const { use = 'sig', key_ops: operations = ['verify'] } = hints;
  if (use !== 'sig' || (hints['alg'] ?? alg) !== alg) refuse('jwt-key');
  if (!Array.isArray(operations) || !operations.includes('verify')) refuse('jwt-key');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
