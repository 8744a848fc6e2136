import { sha256 } from '#sha256';
import { verifyEd25519 } from '#ed25519';
import { concat, fromHex, toBase64url, uint8, utf8 } from '../encoding/bytes.js';
import { refuse } from '../encoding/errors.js';
import { expand } from './kdf.js';
import { sodium } from './sodium.js';

/** An Ed25519 key; `kid` is its RFC 7638 thumbprint. The seed is the only form in which it is stored. */
export interface SigningKey {
  readonly seed: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
  readonly kid: string;
}

/** An X-Wing key; `id` is the 32-byte key id of docs/protocol/signing.md, *Keys*. */
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
 * Refuses keys of small order and points off the curve: Node 20, WebCrypto and jose accept them, and then a
 * signature that nobody made verifies.
 */
export function requireGoodKey(publicKey: Uint8Array): Uint8Array {
  return isGoodKey(publicKey) ? publicKey : refuse('key');
}

function isGoodKey(publicKey: Uint8Array): boolean {
  const name = toBase64url(publicKey);
  if (knownGood.has(name)) return true;
  if (publicKey.length !== 32 || !isOfFullOrder(publicKey)) return false;
  if (knownGood.size === MAX_KNOWN) knownGood.clear();
  knownGood.add(name);
  return true;
}

function isOfFullOrder(point: Uint8Array): boolean {
  try {
    sodium.crypto_sign_ed25519_pk_to_curve25519(point);
    return true;
  } catch {
    return false;
  }
}

export function signingKey(seed: Uint8Array): SigningKey {
  const { publicKey, privateKey } = sodium.crypto_sign_seed_keypair(seed);
  return { seed, publicKey, secretKey: privateKey, kid: thumbprint(publicKey) };
}

export function signBytes(message: Uint8Array, key: SigningKey): Uint8Array {
  return sodium.crypto_sign_detached(message, key.secretKey);
}

/** Canonical encodings of the points of small order, all but the last byte's top bit. */
const SMALL_ORDER = new Set(
  [
    '0100000000000000000000000000000000000000000000000000000000000000',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    '0000000000000000000000000000000000000000000000000000000000000000',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  ].map((hex) => toBase64url(fromHex(hex))),
);

/** Ed25519 (RFC 8032) as libsodium checks it, on every platform: canonical S, no small-order R or key. */
export function verifyBytes(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  if (signature.length !== 64 || !isGoodKey(publicKey)) return false;
  const point = signature.slice(0, 32);
  point[31] = (point[31] as number) & 0x7f;
  return !SMALL_ORDER.has(toBase64url(point)) && verifyEd25519(signature, message, publicKey);
}

export function boxKey(seed: Uint8Array): BoxKey {
  const { publicKey } = sodium.crypto_kem_xwing_seed_keypair(seed);
  return { seed, publicKey, id: boxKeyId(publicKey) };
}

/**
 * Whether bytes are an X-Wing public key: whoever made them may have chosen others, and nobody could seal to
 * those.
 */
export function isUsableBox(publicKey: Uint8Array): boolean {
  try {
    sodium.crypto_kem_xwing_enc(publicKey);
    return true;
  } catch {
    return false;
  }
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
