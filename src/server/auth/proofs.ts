import { Injectable } from '@nestjs/common';
import { concat, toBase64url, uint8, utf8 } from '../../protocol/encoding/bytes.js';
import { sha256 } from '../../protocol/crypto/sha256.js';
import { refuse } from '../../protocol/encoding/errors.js';
import { Config } from '../config/index.js';
import { Nonces } from './nonces.js';
import { authThumbprint } from '../common/access/index.js';
import {
  readJwt,
  requireAuthKey,
  requireForSigning,
  isInForce,
  verifyJwt,
  type Claims,
} from './strict-jwt.js';

export interface ProofOf {
  readonly method: string;
  /** Path of the request, without query. */
  readonly path: string;
  readonly accessToken?: string;
}

export interface VerifiedProof {
  /** RFC 7638 thumbprint of the key that was proven. */
  readonly thumbprint: string;
  /** The hour of whoever made it, by their own clock: it is now. */
  readonly iat: number;
}

/** Thrown where all that is wrong is the nonce: the answer names one that is good here. */
export class StaleNonce extends Error {
  override readonly name = 'StaleNonce';
}

/**
 * The one verifier of DPoP proofs (RFC 9449, section 4.3), for tokens and for bare proofs of a code's key
 * alike. Each is good once.
 */
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
    const { jti, iat } = this.requireClaims(proof.claims, of);
    const shown = this.nonces.take(proof.claims['nonce'], replayKey(thumbprint, 'proof', jti));
    if (shown === 'stale') throw new StaleNonce();
    if (shown === 'again') refuse('dpop-again');
    return { thumbprint, iat };
  }

  private requireClaims(
    claims: Claims,
    { method, path, accessToken }: ProofOf,
  ): { jti: string; iat: number } {
    const { htm, htu, jti, iat, ath } = claims;
    // The URL is our own configuration's, whatever a proxy's headers claim.
    if (htm !== method || htu !== `${this.config.issuer}${path}`) refuse('dpop-target');
    if (!isToken(jti) || typeof iat !== 'number') refuse('dpop-claims');
    // RFC 9449, section 11.1: beside a nonce the maker's clock may be wrong, so nothing is held to ours.
    if (!isInForce(claims, iat)) refuse('jwt-time');
    const expected = accessToken === undefined ? undefined : toBase64url(sha256(utf8(accessToken)));
    if (ath !== expected) refuse('dpop-ath');
    return { jti, iat };
  }
}

export function isToken(value: unknown): value is string {
  return typeof value === 'string' && value.length >= 1 && value.length <= 256;
}

/** SHA-256 of who, what and jti: never of the compact form, of which one signature can have several. */
export function replayKey(thumbprint: string, what: 'proof' | 'assertion', jti: string): Uint8Array {
  return sha256(concat(utf8(thumbprint), uint8(0), utf8(what), uint8(0), utf8(jti)));
}
