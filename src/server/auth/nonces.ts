import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Database } from '../../database/index.js';
import { concat, equalBytes, randomBytes, toBase64url, uint64be, utf8 } from '../../protocol/bytes.js';
import { hmacSha256 } from '../../protocol/crypto/kdf.js';
import { ServerSecret } from '../common/http/index.js';

/** Each nonce is good for its own window and the next. */
const WINDOW_MS = 120_000;
const SALT = {
  name: 'nonce-salt',
  text: `WITH made AS (INSERT INTO nonce_salt (salt) VALUES ($1) ON CONFLICT DO NOTHING RETURNING salt)
    SELECT salt FROM made UNION ALL SELECT salt FROM nonce_salt`,
};
const REMEMBER = {
  name: 'proof-remember',
  text: `WITH fresh AS (INSERT INTO proof_replay (key) SELECT $1 FROM nonce_salt WHERE salt = $2
      ON CONFLICT DO NOTHING RETURNING 1)
    SELECT FROM fresh`,
};

/**
 * DPoP nonces (RFC 9449, section 8): by the hour of the server, the same on every replica. They and not `iat` say that a
 * proof is fresh, so a phone with a wrong clock does no harm. Their salt lies beside the memory of the proofs seen: a
 * crash that empties the one empties the other, and what was seen before it is stale.
 */
@Injectable()
export class Nonces implements OnApplicationBootstrap {
  private readonly secret: Uint8Array;
  private readonly made = new Map<number, string>();
  salt: Uint8Array = new Uint8Array(0);

  constructor(
    secret: ServerSecret,
    private readonly database: Database,
  ) {
    this.secret = secret.keyFor('dpop-nonce');
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.follow();
  }

  /** Takes the salt that is in force; true if it was another one. */
  async follow(): Promise<boolean> {
    const { rows } = await this.database.app.query<{ salt: Buffer }>({ ...SALT, values: [randomBytes(16)] });
    const salt = rows[0]?.salt ?? this.salt;
    if (equalBytes(salt, this.salt)) return false;
    this.salt = salt;
    this.made.clear();
    return true;
  }

  /** Whether this proof is shown for the first time, under the salt in force; from now on it has been shown. */
  async isFirst(replayKey: Uint8Array): Promise<boolean> {
    const values = [replayKey, this.salt];
    return (await this.database.app.query({ ...REMEMBER, values })).rowCount === 1;
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
    const known = this.made.get(window);
    if (known !== undefined) return known;
    const nonce = toBase64url(
      hmacSha256(this.secret, concat(this.salt, uint64be(BigInt(window)))).slice(0, 16),
    );
    if (this.made.size > 2) this.made.clear();
    this.made.set(window, nonce);
    return nonce;
  }
}
