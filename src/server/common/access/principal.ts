import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

export type Role = 'worker' | 'coordinator' | 'auditor' | 'observer';

/** A device of an organisation, by its token and the proof of its key. */
export interface DevicePrincipal {
  readonly kind: 'device';
  readonly device: string;
  readonly organisation: string;
  readonly role: Role;
  readonly services: readonly string[];
}

/** Whoever holds a code, by a bare proof of the code's key: `kid` is its thumbprint, and all that is known. */
export interface CodePrincipal {
  readonly kind: 'code';
  readonly kid: string;
}

export interface PublicPrincipal {
  readonly kind: 'public';
}

export type Principal = DevicePrincipal | CodePrincipal | PublicPrincipal;

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the access guard, before any controller runs. */
    principal?: Principal;
  }
}

/** Who asks, as the guard has established it. */
export const CurrentPrincipal = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const { principal } = context.switchToHttp().getRequest<FastifyRequest>();
  if (!principal) throw new Error('a route ran without its guard');
  return principal;
});
