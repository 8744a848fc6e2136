import { createPublicKey } from 'node:crypto';
import { sha256 } from '#sha256';
import { fromBase64url, toBase64url, utf8 } from '../../../protocol/encoding/bytes.js';
import { requireGoodKey, thumbprint } from '../../../protocol/crypto/keys.js';
import { refuse } from '../../../protocol/encoding/errors.js';
import type { Payload } from '../../../protocol/schemas/signed.js';

/** The public key by which a device proves itself: Ed25519, or ECDSA on P-256. */
export type AuthKey = Payload<'device-certificate+jws'>['auth'];

/** RFC 7638 thumbprint; refuses a point that is not on its curve, and small-order keys. */
export function authThumbprint(auth: AuthKey): string {
  if (auth.kty === 'OKP') return thumbprint(requireGoodKey(fromBase64url(auth.x)));
  requireOnCurve(auth);
  return toBase64url(sha256(utf8(`{"crv":"P-256","kty":"EC","x":"${auth.x}","y":"${auth.y}"}`)));
}

function requireOnCurve(auth: AuthKey): void {
  try {
    createPublicKey({ key: { ...auth }, format: 'jwk' });
  } catch {
    refuse('key');
  }
}
