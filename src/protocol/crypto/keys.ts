import { sha256 } from '#sha256';
import { concat, toBase64url, uint8, utf8 } from '../bytes.js';
import { refuse } from '../errors.js';
import { expand } from './kdf.js';
import { sodium } from './sodium.js';

/** An Ed25519 key; `kid` is its RFC 7638 thumbprint. The seed is the only form in which it is stored. */
export interface SigningKey {
  readonly seed: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
  readonly kid: string;
}

/** An X-Wing key; `id` is the 32-byte key id of protocol.md, *Keys*. */
export interface BoxKey {
  readonly seed: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly id: Uint8Array;
}

export interface EpochKeys {
  readonly seed: Uint8Array;
  readonly box: BoxKey;
  readonly sign: SigningKey;
}

/** RFC 7638 thumbprint of an Ed25519 key (RFC 8037, appendix A.3), base64url. */
export function thumbprint(publicKey: Uint8Array): string {
  return toBase64url(sha256(utf8(`{"crv":"Ed25519","kty":"OKP","x":"${toBase64url(publicKey)}"}`)));
}

/** The check takes as long as a signature; the same few keys sign nearly everything. */
const knownGood = new Set<string>();
const MAX_KNOWN = 1000;

/**
 * Refuses keys of small order and points off the curve: Node 20, WebCrypto and jose accept them, and then a signature
 * that nobody made verifies.
 */
export function requireGoodKey(publicKey: Uint8Array): Uint8Array {
  const name = toBase64url(publicKey);
  if (knownGood.has(name)) return publicKey;
  if (publicKey.length !== 32) refuse('key');
  try {
    sodium.crypto_sign_ed25519_pk_to_curve25519(publicKey);
  } catch {
    refuse('key');
  }
  if (knownGood.size === MAX_KNOWN) knownGood.clear();
  knownGood.add(name);
  return publicKey;
}

export function signingKey(seed: Uint8Array): SigningKey {
  const { publicKey, privateKey } = sodium.crypto_sign_seed_keypair(seed);
  return { seed, publicKey, secretKey: privateKey, kid: thumbprint(publicKey) };
}

export function signBytes(message: Uint8Array, key: SigningKey): Uint8Array {
  return sodium.crypto_sign_detached(message, key.secretKey);
}

/** Ed25519 (RFC 8032) as libsodium checks it: canonical S, no small-order R or key. */
export function verifyBytes(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  return signature.length === 64 && sodium.crypto_sign_verify_detached(signature, message, publicKey);
}

export function boxKey(seed: Uint8Array): BoxKey {
  const { publicKey } = sodium.crypto_kem_xwing_seed_keypair(seed);
  return { seed, publicKey, id: boxKeyId(publicKey) };
}

/** SHA-256("relais/key-id/xwing/v1" ‖ 00 ‖ public key). */
export function boxKeyId(publicKey: Uint8Array): Uint8Array {
  return sha256(concat(utf8('relais/key-id/xwing/v1'), uint8(0), publicKey));
}

/** Both keys of a service's epoch from its 32-byte seed. */
export function epochKeys(seed: Uint8Array): EpochKeys {
  return {
    seed,
    box: boxKey(expand(seed, utf8('relais/service/v1 box'))),
    sign: signingKey(expand(seed, utf8('relais/service/v1 sign'))),
  };
}
