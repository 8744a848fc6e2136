import { createHmac, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { fromBase64url, randomBytes, toBase64url } from '../../../src/protocol/encoding/bytes.js';
import type { Entrant } from '../network/entrant.js';
import { part, signer, type Change, type Members } from './tokens.js';

/** A JWT that must be refused. */
export interface Trick extends Change {
  readonly name: string;
  /** Only for keys of this algorithm; else for all. */
  readonly alg?: 'Ed25519' | 'ES256';
  /** Why we refuse it, where a careful server of another make takes it. */
  readonly why?: string;
}

export const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
/** Orders of the groups of Ed25519 and P-256. */
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

export const set =
  (members: Members) =>
  (good: Members): Members => ({ ...good, ...members });
export const without =
  (name: string) =>
  (good: Members): Members =>
    Object.fromEntries(Object.entries(good).filter(([key]) => key !== name));
const before =
  (text: string) =>
  (good: Members): string =>
    JSON.stringify(good).replace('{', `{${text},`);
export const hmac =
  (secret: (by: Entrant) => string | Uint8Array) =>
  (signed: Uint8Array, by: Entrant): Uint8Array =>
    createHmac('sha256', secret(by)).update(signed).digest();
export const signedBy =
  (key: KeyObject, hash: string) =>
  (signed: Uint8Array): Uint8Array =>
    sign(hash, signed, { key, dsaEncoding: 'ieee-p1363' });

function spki({ key }: Entrant): string {
  const publicKey = createPublicKey({ key: { ...key.publicJwk }, format: 'jwk' });
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
}

export const SIGNATURES: readonly Trick[] = [
  { name: 'alg none and no signature', header: set({ alg: 'none' }), sign: () => new Uint8Array(0) },
  { name: 'alg none and a signature', header: set({ alg: 'none' }) },
  { name: 'alg nOnE', header: set({ alg: 'nOnE' }), sign: () => new Uint8Array(0) },
  {
    name: 'HS256 by the raw public key',
    header: set({ alg: 'HS256' }),
    sign: hmac((of) => fromBase64url(of.key.publicJwk.x ?? '')),
  },
  { name: 'HS256 by the public key as PEM', header: set({ alg: 'HS256' }), sign: hmac(spki) },
  {
    name: 'HS256 by the public key as JWK',
    header: set({ alg: 'HS256' }),
    sign: hmac((of) => JSON.stringify(of.key.publicJwk)),
  },
  { name: 'RS256', header: set({ alg: 'RS256' }), sign: signedBy(rsa.privateKey, 'sha256') },
  { name: 'ES384', header: set({ alg: 'ES384' }), sign: signedBy(p384.privateKey, 'sha384') },
  { name: 'alg in small letters', header: (good) => ({ ...good, alg: String(good['alg']).toLowerCase() }) },
  { name: 'no alg', header: without('alg') },
  { name: 'a list of algs', header: (good) => ({ ...good, alg: [good['alg']] }) },
  {
    name: 'the alg of the other kind of key',
    header: (good) => ({ ...good, alg: good['alg'] === 'ES256' ? 'Ed25519' : 'ES256' }),
  },
  { name: 'no signature', sign: () => new Uint8Array(0) },
  { name: 'a signature of zeros', sign: () => new Uint8Array(64) },
  { name: 'a signature cut short', text: (jwt) => jwt.slice(0, -2) },
  { name: 'a signature with a byte more', text: (jwt) => `${jwt}AA` },
  { name: 'the signature of another text', sign: (_, of) => signer(randomBytes(16), of) },
  { name: 'S + L', alg: 'Ed25519', text: part(2, addOrder) },
  {
    name: 'a DER signature',
    alg: 'ES256',
    text: part(2, (signature) => toBase64url(der(fromBase64url(signature)))),
  },
  { name: 'r = s = n', alg: 'ES256', sign: () => Buffer.from(N.toString(16).repeat(2), 'hex') },
];

export const HEADERS: readonly Trick[] = [
  { name: 'jku', header: set({ jku: 'https://elsewhere.example/keys' }), why: 'no key is ever fetched' },
  { name: 'x5u', header: set({ x5u: 'https://elsewhere.example/chain' }), why: 'no key is ever fetched' },
  { name: 'x5c', header: set({ x5c: ['MIIB'] }), why: 'keys come as JWK or by certificate, never as X.509' },
  { name: 'x5t#S256', header: set({ 'x5t#S256': 'A'.repeat(43) }), why: 'no X.509' },
  { name: 'crit of an unknown name', header: set({ crit: ['exp'], exp: 1 }) },
  { name: 'an empty crit', header: set({ crit: [] }) },
  {
    name: 'b64 false without crit',
    header: set({ b64: false }),
    why: 'no header but those that say something here',
  },
  {
    name: 'b64 true',
    header: set({ b64: true, crit: ['b64'] }),
    why: 'no header but those that say something here',
  },
  { name: 'zip', header: set({ zip: 'DEF' }), why: 'no header but those that say something here' },
  {
    name: 'kid that is no string',
    header: set({ kid: { toString: 1 } }),
    why: 'kid is a string (RFC 7515, 4.1.4)',
  },
  {
    name: 'a header name twice',
    header: before('"alg":"none"'),
    why: 'which of the two holds, parsers do not agree',
  },
  {
    name: 'a header name twice, once escaped',
    header: before('"\\u0061lg":"none"'),
    why: 'parsers do not agree',
  },
];

export const TEXTS: readonly Trick[] = [
  {
    name: 'a claim twice',
    claims: before('"jti":"other"'),
    why: 'which of the two holds, parsers do not agree',
  },
  { name: 'a claim twice, once escaped', claims: before('"\\u006ati":"other"'), why: 'parsers do not agree' },
  {
    name: '__proto__',
    claims: before('"__proto__":{"jti":"other"}'),
    why: 'no name that means something to every object',
  },
  { name: 'claims that are a list', claims: (good) => JSON.stringify([good]) },
  { name: 'claims that are null', claims: () => 'null' },
  { name: 'text after the claims', claims: (good) => `${JSON.stringify(good)} x` },
  {
    name: 'a byte order mark',
    claims: (good) => `\ufeff${JSON.stringify(good)}`,
    why: 'a mark that some parsers skip and others refuse',
  },
  {
    name: 'depth of a thousand',
    claims: before(`"deep":${'['.repeat(1000)}${']'.repeat(1000)}`),
    why: 'depth at most 16',
  },
  { name: 'padding in the claims', text: part(1, (text) => `${text}=`) },
  { name: 'padding in the signature', text: (jwt) => `${jwt}==`, why: 'base64url without padding' },
  {
    name: 'the alphabet of base64',
    text: part(2, (text) => text.replaceAll('-', '+').replaceAll('_', '/').replace(/^.{4}/, '++++')),
  },
  {
    name: 'a signature with another last character',
    text: part(2, otherTail),
    why: 'two texts never give the same bytes',
  },
  { name: 'two parts', text: (jwt) => jwt.slice(0, jwt.lastIndexOf('.')) },
  { name: 'four parts', text: (jwt) => `${jwt}.AA` },
  { name: 'no claims at all', text: part(1, () => '') },
  { name: 'nothing', text: () => '' },
  {
    name: 'more than four thousand characters',
    claims: (good) => ({ ...good, more: 'x'.repeat(4096) }),
    why: 'a limit',
  },
];

/** The other signature of an ECDSA pair: (r, n − s), which verifies as well. */
export function malleated(jwt: string): string {
  return part(2, (signature) => {
    const bytes = Buffer.from(fromBase64url(signature));
    const s = N - BigInt(`0x${bytes.subarray(32).toString('hex')}`);
    return toBase64url(
      Buffer.concat([bytes.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')]),
    );
  })(jwt);
}

function addOrder(signature: string): string {
  const bytes = Buffer.from(fromBase64url(signature));
  const s = BigInt(`0x${Buffer.from(bytes.subarray(32)).reverse().toString('hex')}`) + L;
  bytes.set(Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse(), 32);
  return toBase64url(bytes);
}

function der(raw: Uint8Array): Uint8Array {
  const integers = [raw.slice(0, 32), raw.slice(32)].map((half) => [2, 33, 0, ...half]);
  return Uint8Array.from([0x30, 70, ...integers.flat()]);
}

/** Same bytes, other text: the last character's unused bits are set. */
export function otherTail(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return text.slice(0, -1) + (alphabet[alphabet.indexOf(text.at(-1) ?? 'A') + 1] ?? 'B');
}
