import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { utf8 } from '../../protocol/encoding/bytes.js';
import { sha256 } from '../../protocol/crypto/sha256.js';
import { Refused } from '../../protocol/encoding/errors.js';
import { Database, named, prepared, sql } from '../../database/index.js';
import {
  ACCESS,
  type AccessRule,
  type CodePrincipal,
  type DevicePrincipal,
  type Role,
} from '../common/access/index.js';
import { DomainError, Unauthorised } from '../common/errors/index.js';
import { Nonces } from './nonces.js';
import { Proofs, StaleNonce } from './proofs.js';

const v = named<{ hash: Uint8Array; thumbprint: string }>();

interface DeviceRow {
  readonly device: string;
  readonly organisation: string;
  readonly role: Role;
  readonly services: string[];
}

/**
 * Token, device and organisation in one look, nothing cached: who is revoked is refused at the very next
 * request.
 */
export const FIND_DEVICE = prepared(
  'access-device',
  sql`SELECT d.id AS device, d.organisation, d.role, d.services::text[] AS services
    FROM access_token t JOIN device d ON d.id = t.device JOIN organisation o ON o.id = d.organisation
    WHERE t.hash = ${v.hash} AND t.thumbprint = ${v.thumbprint} AND t.expires_at > now()
      AND d.revoked IS NULL AND domain_today() BETWEEN d.valid_from AND d.valid_until AND o.status = 'active'`,
);

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
    const principal = rule.principal === 'device' ? await this.device(request) : this.code(request);
    if (rule.role === undefined || (principal.kind === 'device' && principal.role === rule.role))
      return principal;
    throw new DomainError('not_found');
  }

  private async device(request: FastifyRequest): Promise<DevicePrincipal> {
    const { authorization } = request.headers;
    if (authorization === undefined) throw new Unauthorised();
    const [, accessToken] = /^DPoP ([A-Za-z0-9_-]{43})$/i.exec(authorization) ?? [];
    if (accessToken === undefined) throw new Unauthorised('invalid_token');
    const thumbprint = this.prove(request, accessToken);
    const { rows } = await this.database.app.query<DeviceRow>(
      FIND_DEVICE.with({ hash: sha256(utf8(accessToken)), thumbprint }),
    );
    const [row] = rows;
    if (!row) throw new Unauthorised('invalid_token');
    return { kind: 'device', ...row };
  }

  /** A bare proof: the key is all the identity there is. */
  private code(request: FastifyRequest): CodePrincipal {
    const { authorization, dpop } = request.headers;
    if (authorization !== undefined) throw new Unauthorised('invalid_token');
    if (dpop === undefined) throw new Unauthorised();
    return { kind: 'code', kid: this.prove(request) };
  }

  /** The thumbprint of the key that this request proves. */
  private prove(request: FastifyRequest, accessToken?: string): string {
    const path = request.url.split('?')[0] ?? '';
    const of = { method: request.method, path, ...(accessToken !== undefined && { accessToken }) };
    try {
      return this.proofs.verify(request.headers.dpop, of).thumbprint;
    } catch (error) {
      if (error instanceof StaleNonce) throw new Unauthorised('use_dpop_nonce');
      if (error instanceof Refused) throw new Unauthorised('invalid_dpop_proof');
      throw error;
    }
  }
}
