import { SignJWT, importJWK, type JWK } from 'jose';
import { sha256 } from '#sha256';
import { newId, toBase64url, utf8 } from '../../protocol/encoding/bytes.js';
import { signingKey, type SigningKey } from '../../protocol/crypto/keys.js';

/** How long a client assertion is good for. */
const ASSERTION_MS = 120_000;

type PrivateKey = Awaited<ReturnType<typeof importJWK>>;

/** A key that proves possession to the server. `privateKey` may be a non-extractable WebCrypto key. */
export interface ProofKey {
  readonly alg: 'Ed25519' | 'ES256';
  readonly publicJwk: JWK;
  readonly privateKey: PrivateKey;
}

export interface ProofOf {
  readonly method: string;
  /** Without query and fragment (RFC 9449, section 4.2). */
  readonly url: string;
  readonly nonce?: string | undefined;
  readonly accessToken?: string | undefined;
}

export async function proofKey(key: SigningKey): Promise<ProofKey> {
  const publicJwk = { kty: 'OKP', crv: 'Ed25519', x: toBase64url(key.publicKey) };
  const privateKey = await importJWK({ ...publicJwk, d: toBase64url(key.seed) }, 'Ed25519');
  return { alg: 'Ed25519', publicJwk, privateKey };
}

export async function proofKeyFromSeed(seed: Uint8Array): Promise<ProofKey> {
  return proofKey(signingKey(seed));
}

/** A DPoP proof (RFC 9449, section 4.2). Its `iat` is a claim: the nonce is what the server goes by. */
export async function makeProof(key: ProofKey, of: ProofOf): Promise<string> {
  const claims = {
    htm: of.method,
    htu: of.url,
    jti: newId(),
    ...(of.nonce === undefined ? {} : { nonce: of.nonce }),
    ...(of.accessToken === undefined ? {} : { ath: toBase64url(sha256(utf8(of.accessToken))) }),
  };
  return new SignJWT(claims)
    .setProtectedHeader({ typ: 'dpop+jwt', alg: key.alg, jwk: key.publicJwk })
    .setIssuedAt()
    .sign(key.privateKey);
}

/**
 * A client assertion (RFC 7523, section 3), good for two minutes by the clock that the proof beside it shows,
 * and for one use.
 */
export async function makeAssertion(key: ProofKey, client: string, issuer: string): Promise<string> {
  const at = new Date();
  return new SignJWT({})
    .setProtectedHeader({ alg: key.alg, typ: 'JWT' })
    .setIssuer(client)
    .setSubject(client)
    .setAudience(issuer)
    .setJti(newId())
    .setIssuedAt(at)
    .setExpirationTime(new Date(at.getTime() + ASSERTION_MS))
    .sign(key.privateKey);
}
