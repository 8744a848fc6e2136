import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { isId, utf8 } from '../../protocol/encoding/bytes.js';
import { sha256 } from '../../protocol/crypto/sha256.js';
import { refuse, Refused } from '../../protocol/encoding/errors.js';
import { Database, named, prepared, sql } from '../../database/index.js';
import type { AuthKey } from '../common/access/index.js';
import { Config } from '../config/index.js';
import { isToken, Proofs, replayKey, type VerifiedProof } from './proofs.js';
import { isInForce, readJwt, verifyJwt, type Claims } from './strict-jwt.js';

const v = named<{
  device: string;
  replayKey: Uint8Array;
  hash: Uint8Array;
  thumbprint: string;
  seconds: number;
}>();

export const TOKEN_SECONDS = 300;
const MAX_ASSERTION_SECONDS = 300;
/** A JWT that says it is for another use is no assertion; most libraries say `JWT`, some nothing. */
const ASSERTION_TYPS: readonly unknown[] = [undefined, 'JWT', 'client-authentication+jwt'];
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** An error of the token endpoint, in the words of RFC 6749, section 5.2. */
export class TokenError extends Error {
  override readonly name = 'TokenError';

  constructor(
    readonly error: 'invalid_request' | 'invalid_client' | 'invalid_dpop_proof' | 'unsupported_grant_type',
    readonly status: 400 | 401 = 400,
  ) {
    super(error);
  }
}

interface ClientRow {
  readonly key: AuthKey;
  readonly thumbprint: string;
}

const FIND_CLIENT = prepared(
  'token-client',
  sql`SELECT d.auth_jwk AS key, d.auth_thumbprint AS thumbprint
    FROM device d JOIN organisation o ON o.id = d.organisation
    WHERE d.id = ${v.device} AND d.revoked IS NULL AND domain_today() BETWEEN d.valid_from AND d.valid_until
      AND o.status = 'active'`,
);
/** The one-time id and the token in one statement: a repeated assertion leaves no token behind. */
const ISSUE = prepared(
  'token-issue',
  sql`WITH assertion AS (
      INSERT INTO assertion_replay (key) VALUES (${v.replayKey}) ON CONFLICT DO NOTHING RETURNING 1
    )
    INSERT INTO access_token (hash, device, thumbprint, expires_at)
    SELECT ${v.hash}, ${v.device}, ${v.thumbprint}, now() + make_interval(secs => ${v.seconds}) FROM assertion`,
);

/** `client_credentials` with `private_key_jwt` (RFC 7523) and DPoP (RFC 9449). */
@Injectable()
export class TokenService {
  constructor(
    private readonly database: Database,
    private readonly config: Config,
    private readonly proofs: Proofs,
  ) {}

  async issue(
    form: ReadonlyMap<string, string>,
    proofHeader: string | string[] | undefined,
  ): Promise<string> {
    if (form.get('grant_type') !== 'client_credentials') throw new TokenError('unsupported_grant_type');
    if (form.get('client_assertion_type') !== ASSERTION_TYPE) throw new TokenError('invalid_client', 401);
    const proof = this.prove(proofHeader);
    const client = await this.authenticate(form, proof);
    const token = randomBytes(32).toString('base64url');
    const { rowCount } = await this.database.app.query(
      ISSUE.with({
        replayKey: client.replayKey,
        hash: sha256(utf8(token)),
        device: client.id,
        thumbprint: proof.thumbprint,
        seconds: TOKEN_SECONDS,
      }),
    );
    if (rowCount !== 1) throw new TokenError('invalid_client', 401);
    return token;
  }

  private prove(header: string | string[] | undefined): VerifiedProof {
    try {
      return this.proofs.verify(header, { method: 'POST', path: '/v1/token' });
    } catch (error) {
      if (error instanceof Refused) throw new TokenError('invalid_dpop_proof');
      throw error;
    }
  }

  private async authenticate(
    form: ReadonlyMap<string, string>,
    proof: VerifiedProof,
  ): Promise<{ id: string; replayKey: Uint8Array }> {
    try {
      const assertion = readJwt(form.get('client_assertion') ?? '', ['alg', 'typ', 'kid']);
      const { typ, kid } = assertion.header;
      if (!ASSERTION_TYPS.includes(typ)) refuse('assertion-typ');
      const id = this.requireClaims(assertion.claims, form.get('client_id'));
      const { key, thumbprint } = await this.findClient(id);
      if (kid !== undefined && kid !== thumbprint) refuse('assertion-kid');
      verifyJwt(assertion, key);
      requireTimes(assertion.claims, proof.thumbprint === thumbprint ? [proof.iat] : []);
      return { id, replayKey: replayKey(thumbprint, 'assertion', assertion.claims['jti'] as string) };
    } catch (error) {
      if (error instanceof Refused) throw new TokenError('invalid_client', 401);
      throw error;
    }
  }

  /** Unknown clients are answered as those whose signature fails. */
  private async findClient(id: string): Promise<ClientRow> {
    const { rows } = await this.database.app.query<ClientRow>(FIND_CLIENT.with({ device: id }));
    return rows[0] ?? refuse('client');
  }

  private requireClaims(claims: Claims, clientId: string | undefined): string {
    const { iss, sub, aud, jti } = claims;
    if (!isId(sub) || iss !== sub || (clientId !== undefined && clientId !== sub)) refuse('assertion-client');
    if (aud !== this.config.issuer) refuse('assertion-audience');
    if (!isToken(jti)) refuse('assertion-claims');
    return sub;
  }
}

/**
 * An assertion is short, and holds now: by our clock, or by that of the key's own holder, whose proof with
 * our nonce says what it shows at this moment. By another key's proof nobody's clock but ours counts: an old
 * assertion may be a stolen one.
 */
function requireTimes(claims: Claims, holdersNow: readonly number[]): void {
  const { exp, iat } = claims;
  if (typeof exp !== 'number' || typeof iat !== 'number') refuse('assertion-claims');
  if (exp <= iat || exp - iat > MAX_ASSERTION_SECONDS) refuse('assertion-time');
  if (![Date.now() / 1000, ...holdersNow].some((at) => isInForce(claims, at))) refuse('assertion-time');
}
