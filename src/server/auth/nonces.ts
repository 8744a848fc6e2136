import { Injectable } from '@nestjs/common';
import { equalBytes, toBase64url, uint64be, utf8 } from '../../protocol/bytes.js';
import { hmacSha256 } from '../../protocol/crypto/kdf.js';
import { ServerSecret } from '../common/http/index.js';

/** Each nonce is good for its own window and the next. */
const WINDOW_MS = 120_000;

/**
 * DPoP nonces (RFC 9449, section 8): by the hour of the server, without a store, the same on every replica. They and not
 * `iat` say that a proof is fresh, so a phone with a wrong clock does no harm.
 */
@Injectable()
export class Nonces {
  private readonly key: Uint8Array;

  constructor(secret: ServerSecret) {
    this.key = secret.keyFor('dpop-nonce');
  }

  current(now = Date.now()): string {
    return this.ofWindow(Math.floor(now / WINDOW_MS));
  }

  isFresh(nonce: unknown, now = Date.now()): boolean {
    if (typeof nonce !== 'string') return false;
    const window = Math.floor(now / WINDOW_MS);
    return [window, window - 1].some((known) => equalBytes(utf8(nonce), utf8(this.ofWindow(known))));
  }

  private ofWindow(window: number): string {
    return toBase64url(hmacSha256(this.key, uint64be(BigInt(window))).slice(0, 16));
  }
}
