import { newId } from '../../../src/protocol/encoding/bytes.js';
import {
  HEADERS,
  hmac,
  p384,
  rsa,
  set,
  SIGNATURES,
  signedBy,
  TEXTS,
  without,
  type Trick,
} from './jws-tricks.js';
import { now, type Kind, type Members } from './tokens.js';

const ASSERTIONS: readonly Trick[] = [
  {
    name: 'b64 false',
    header: set({ b64: false, crit: ['b64'] }),
    why: 'no header but those that say something here',
  },
  { name: 'kid of nobody', header: set({ kid: 'A'.repeat(43) }) },
  { name: 'kid as a path', header: set({ kid: '../../../../dev/null' }) },
  { name: 'kid as SQL', header: set({ kid: "' OR '1'='1" }) },
  {
    name: 'the typ of a signed object',
    header: set({ typ: 'message+jws' }),
    why: 'a JWT of one use is none of another',
  },
  { name: 'typ that is no string', header: set({ typ: 7 }), why: 'a JWT of one use is none of another' },
  {
    name: 'a line break in the signature',
    text: (jwt) => `${jwt.slice(0, -10)}\n${jwt.slice(-10)}`,
    why: 'base64url has no white space',
  },
  {
    name: 'a key of its own',
    header: (good, of) => ({ ...good, jwk: of.key.publicJwk }),
    why: 'the key is the certificate’s',
  },
  {
    name: 'the typ of a proof',
    header: set({ typ: 'dpop+jwt' }),
    why: 'a JWT of one use is none of another',
  },
  {
    name: 'the token endpoint as audience',
    claims: (good, of) => ({ ...good, aud: `${of.address}/v1/token` }),
    why: 'FAPI 2.0: exactly the issuer',
  },
  {
    name: 'a list of one audience',
    claims: (good) => ({ ...good, aud: [good['aud']] }),
    why: 'FAPI 2.0: a string',
  },
  {
    name: 'a second audience',
    claims: (good) => ({ ...good, aud: [good['aud'], 'https://elsewhere.example'] }),
    why: 'FAPI 2.0: a string',
  },
  { name: 'the issuer with a slash', claims: (good) => ({ ...good, aud: `${String(good['aud'])}/` }) },
  { name: 'another subject', claims: set({ sub: newId() }) },
  { name: 'another issuer', claims: (good) => ({ ...good, iss: newId() }) },
  { name: 'an unknown client', claims: set({ iss: newId(), sub: newId() }) },
  { name: 'an end in the past', claims: (good) => ({ ...good, iat: now() - 120, exp: now() - 60 }) },
  {
    name: 'a life of more than five minutes',
    claims: (good) => ({ ...good, exp: now() + 310 }),
    why: 'lifetime at most 5 minutes',
  },
  {
    name: 'a beginning in the future',
    claims: (good) => ({ ...good, iat: now() + 3600, exp: now() + 3660 }),
    why: 'a stock of assertions for later is worth stealing',
  },
  { name: 'nbf in the future', claims: (good) => ({ ...good, nbf: now() + 3600 }) },
];

const key =
  (change: (good: Members) => unknown) =>
  (good: Members): Members => ({
    ...good,
    jwk: change(good['jwk'] as Members),
  });
const PROOFS: readonly Trick[] = [
  { name: 'b64 false', header: set({ b64: false, crit: ['b64'] }) },
  { name: 'kid', header: set({ kid: 'mine' }), why: 'a proof names its key by jwk alone' },
  {
    name: 'the typ of a signed object',
    header: set({ typ: 'message+jws' }),
  },
  { name: 'typ that is no string', header: set({ typ: 7 }) },
  {
    name: 'its private key',
    header: (good, of) => ({ ...good, jwk: { ...of.key.publicJwk, d: 'A'.repeat(43) } }),
  },
  {
    name: 'a symmetric key',
    header: set({ alg: 'HS256', jwk: { kty: 'oct', k: 'AAAA' } }),
    sign: hmac(() => Buffer.alloc(3)),
  },
  {
    name: 'an RSA key',
    header: set({ alg: 'RS256', jwk: rsa.publicKey.export({ format: 'jwk' }) }),
    sign: signedBy(rsa.privateKey, 'sha256'),
  },
  {
    name: 'a P-384 key',
    header: set({ alg: 'ES384', jwk: p384.publicKey.export({ format: 'jwk' }) }),
    sign: signedBy(p384.privateKey, 'sha384'),
  },
  { name: 'a point off its curve', alg: 'ES256', header: key((good) => ({ ...good, y: good['x'] })) },
  { name: 'a coordinate too long', header: key((good) => ({ ...good, x: `${String(good['x'])}AAAA` })) },
  { name: 'no key', header: without('jwk') },
  { name: 'a key that is a string', header: key((good) => JSON.stringify(good)) },
  { name: 'a list of keys', header: key((good) => [good]) },
  { name: 'a key for encryption', header: key((good) => ({ ...good, use: 'enc' })) },
  { name: 'a key that may only sign', header: key((good) => ({ ...good, key_ops: ['sign'] })) },
  { name: 'a key for another alg', header: key((good) => ({ ...good, alg: 'RS256' })) },
  { name: 'typ JWT', header: set({ typ: 'JWT' }) },
  { name: 'no typ', header: without('typ') },
  { name: 'typ as a media type', header: set({ typ: 'application/dpop+jwt' }), why: 'one spelling' },
  { name: 'another method', claims: (good) => ({ ...good, htm: 'PUT' }) },
  {
    name: 'a method in small letters',
    claims: (good) => ({ ...good, htm: String(good['htm']).toLowerCase() }),
  },
  { name: 'another host', claims: set({ htu: 'https://elsewhere.example/v1/token' }) },
  {
    name: 'another scheme',
    claims: (good) => ({ ...good, htu: String(good['htu']).replace('http:', 'https:') }),
  },
  { name: 'another path', claims: (good) => ({ ...good, htu: `${String(good['htu'])}/revocation` }) },
  { name: 'a slash more', claims: (good) => ({ ...good, htu: `${String(good['htu'])}/` }) },
  {
    name: 'a path relative to nothing',
    claims: (good) => ({ ...good, htu: new URL(String(good['htu'])).pathname }),
  },
  {
    name: 'a query',
    claims: (good) => ({ ...good, htu: `${String(good['htu'])}?a=b` }),
    why: 'RFC 9449, 4.2: htu has none',
  },
  {
    name: 'a fragment',
    claims: (good) => ({ ...good, htu: `${String(good['htu'])}#a` }),
    why: 'RFC 9449, 4.2: htu has none',
  },
  {
    name: 'dots in the path',
    claims: (good) => ({ ...good, htu: String(good['htu']).replace('/v1/', '/x/../v1/') }),
    why: 'to the letter, not normalised',
  },
  {
    name: 'a user in the URL',
    claims: (good) => ({ ...good, htu: String(good['htu']).replace('//', '//a:b@') }),
  },
  { name: 'exp in the past', claims: set({ exp: now() - 60 }) },
  { name: 'nbf in the future', claims: set({ nbf: now() + 3600 }) },
  { name: 'an exp that is no number', claims: set({ exp: 'never' }) },
  {
    name: 'another’s token hash',
    claims: set({ ath: 'A'.repeat(43) }),
    why: 'where no token is, none is named',
  },
  { name: 'no nonce', claims: without('nonce') },
  { name: 'a nonce of nobody', claims: set({ nonce: 'A'.repeat(22) }) },
];

const OF: Readonly<Record<Kind, readonly Trick[]>> = {
  assertion: [...SIGNATURES, ...HEADERS, ...TEXTS, ...ASSERTIONS],
  proof: [...SIGNATURES, ...HEADERS, ...TEXTS, ...PROOFS],
};

/** Every trick that can be tried with an assertion, or with a proof, by a key of this algorithm. */
export function tricksOf(kind: Kind, alg: string): Trick[] {
  return OF[kind].filter((trick) => (trick.alg ?? alg) === alg);
}
