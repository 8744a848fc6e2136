import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { utf8 } from '../../protocol/bytes.js';
import { sha256 } from '../../protocol/crypto/sha256.js';
import { Refused } from '../../protocol/errors.js';
import { Database } from '../../database/index.js';
import {
  ACCESS,
  type AccessRule,
  type CodePrincipal,
  type DevicePrincipal,
  type Role,
} from '../common/access/index.js';
import { DomainError } from '../common/errors/index.js';
import { Nonces } from './nonces.js';
import { Proofs, StaleNonce, type VerifiedProof } from './proofs.js';

interface DeviceRow {
  readonly fresh: boolean;
  readonly device: string;
  readonly organisation: string;
  readonly role: Role;
  readonly services: string[];
}

/** Token, device and organisation in one look, nothing cached: who is revoked is refused at the very next request. */
export const FIND_DEVICE = {
  name: 'access-device',
  text: `WITH fresh AS (INSERT INTO proof_replay (key) SELECT $1 FROM nonce_salt WHERE salt = $4
      ON CONFLICT DO NOTHING RETURNING 1)
    SELECT EXISTS (SELECT FROM fresh) AS fresh, d.id AS device, d.organisation, d.role, d.services::text[] AS services
    FROM access_token t JOIN device d ON d.id = t.device JOIN organisation o ON o.id = d.organisation
    WHERE t.hash = $2 AND t.thumbprint = $3 AND t.expires_at > now()
      AND d.revoked IS NULL AND domain_today() BETWEEN d.valid_from AND d.valid_until AND o.status = 'active'`,
};

/** Default deny: lets in only whom the route's `@Access` names. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly database: Database,
    private readonly proofs: Proofs,
    private readonly nonces: Nonces,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const rule = this.reflector.get<AccessRule | undefined>(ACCESS, context.getHandler());
    if (!rule) return false;
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    request.principal =
      rule.principal === 'public'
        ? { kind: 'public' }
        : await this.identify(rule, request, http.getResponse());
    return true;
  }

  private async identify(rule: AccessRule, request: FastifyRequest, reply: FastifyReply) {
    void reply.header('dpop-nonce', this.nonces.current());
    try {
      const principal = rule.principal === 'device' ? await this.device(request) : await this.code(request);
      if (rule.role === undefined || (principal.kind === 'device' && principal.role === rule.role))
        return principal;
    } catch (error) {
      if (error instanceof StaleNonce) await this.offerNonce(reply);
      else if (!(error instanceof Refused)) throw error;
      throw new DomainError('unauthorised');
    }
    throw new DomainError('not_found');
  }

  private async offerNonce(reply: FastifyReply): Promise<void> {
    await this.nonces.follow();
    void reply.headers({
      'dpop-nonce': this.nonces.current(),
      'www-authenticate': 'DPoP error="use_dpop_nonce", algs="Ed25519 EdDSA ES256"',
    });
  }

  private async device(request: FastifyRequest): Promise<DevicePrincipal> {
    const [, accessToken] = /^DPoP ([A-Za-z0-9_-]{43})$/i.exec(request.headers.authorization ?? '') ?? [];
    if (accessToken === undefined) throw new DomainError('unauthorised');
    const { replayKey, thumbprint } = this.prove(request, accessToken);
    const values = [replayKey, sha256(utf8(accessToken)), thumbprint, this.nonces.salt];
    const { rows } = await this.database.app.query<DeviceRow>({ ...FIND_DEVICE, values });
    const [row] = rows;
    if (row?.fresh !== true) return this.refuse();
    const { device, organisation, role, services } = row;
    return { kind: 'device', device, organisation, role, services };
  }

  /** A bare proof: the key is all the identity there is. */
  private async code(request: FastifyRequest): Promise<CodePrincipal> {
    if (request.headers.authorization !== undefined) throw new DomainError('unauthorised');
    const { replayKey, thumbprint } = this.prove(request);
    if (!(await this.nonces.isFirst(replayKey))) return this.refuse();
    return { kind: 'code', kid: thumbprint };
  }

  /** Seen before or not known, unless the nonce was of a time that the database no longer remembers. */
  private async refuse(): Promise<never> {
    if (await this.nonces.follow()) throw new StaleNonce();
    throw new DomainError('unauthorised');
  }

  private prove(request: FastifyRequest, accessToken?: string): VerifiedProof {
    const path = request.url.split('?')[0] ?? '';
    const of = { method: request.method, path };
    return this.proofs.verify(request.headers.dpop, accessToken === undefined ? of : { ...of, accessToken });
  }
}
