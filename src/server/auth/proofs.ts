import { Injectable } from '@nestjs/common';
import { concat, toBase64url, uint8, utf8 } from '../../protocol/bytes.js';
import { sha256 } from '../../protocol/crypto/sha256.js';
import { refuse } from '../../protocol/errors.js';
import { Config } from '../config/index.js';
import { Nonces } from './nonces.js';
import { authThumbprint } from '../common/access/index.js';
import {
  readJwt,
  requireAuthKey,
  requireForSigning,
  requireInForce,
  verifyJwt,
  type Claims,
} from './strict-jwt.js';

/** Seconds by which a clock may run ahead of ours. */
const CLOCK_AHEAD_S = 300;

export interface ProofOf {
  readonly method: string;
  /** Path of the request, without query. */
  readonly path: string;
  readonly accessToken?: string;
}

export interface VerifiedProof {
  /** RFC 7638 thumbprint of the key that was proven. */
  readonly thumbprint: string;
  /** What must be remembered so that this proof is good once. */
  readonly replayKey: Uint8Array;
}

/** Thrown where all that is wrong is the nonce: the answer names the present one. */
export class StaleNonce extends Error {
  override readonly name = 'StaleNonce';
}

/** The one verifier of DPoP proofs (RFC 9449, section 4.3), for tokens and for bare proofs of a code's key alike. */
@Injectable()
export class Proofs {
  constructor(
    private readonly config: Config,
    private readonly nonces: Nonces,
  ) {}

  verify(header: string | string[] | undefined, of: ProofOf): VerifiedProof {
    if (typeof header !== 'string') refuse('dpop');
    const proof = readJwt(header, ['typ', 'alg', 'jwk']);
    if (proof.header['typ'] !== 'dpop+jwt') refuse('dpop-typ');
    const key = requireAuthKey(proof.header['jwk']);
    requireForSigning(proof.header['jwk'], proof.header['alg']);
    const thumbprint = authThumbprint(key);
    verifyJwt(proof, key);
    this.requireClaims(proof.claims, of);
    return { thumbprint, replayKey: replayKey(thumbprint, 'proof', proof.claims['jti'] as string) };
  }

  private requireClaims(claims: Claims, { method, path, accessToken }: ProofOf): void {
    const { htm, htu, jti, iat, ath, nonce } = claims;
    // The URL is our own configuration's, whatever a proxy's headers claim.
    if (htm !== method || htu !== `${this.config.issuer}${path}`) refuse('dpop-target');
    if (!isToken(jti) || typeof iat !== 'number') refuse('dpop-claims');
    if (iat > Date.now() / 1000 + CLOCK_AHEAD_S) refuse('dpop-iat');
    requireInForce(claims, CLOCK_AHEAD_S);
    const expected = accessToken === undefined ? undefined : toBase64url(sha256(utf8(accessToken)));
    if (ath !== expected) refuse('dpop-ath');
    if (!this.nonces.isFresh(nonce)) throw new StaleNonce();
  }
}

export function isToken(value: unknown): value is string {
  return typeof value === 'string' && value.length >= 1 && value.length <= 256;
}

/** SHA-256 of who, what and jti: never of the compact form, of which one signature can have several. */
export function replayKey(thumbprint: string, what: 'proof' | 'assertion', jti: string): Uint8Array {
  return sha256(concat(utf8(thumbprint), uint8(0), utf8(what), uint8(0), utf8(jti)));
}
