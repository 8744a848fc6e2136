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

/**
 * Whoever holds a code, by a bare proof of the code's key: `kid` is its thumbprint, and all that is known.
 */
export interface CodePrincipal {
  readonly kind: 'code';
  readonly kid: string;
}

/**
 * As whom a referral's content is read: a device for its services, or the person by the key of paper and
 * word.
 */
export type Reader = DevicePrincipal | PersonReader;

export interface PersonReader {
  readonly kind: 'person';
  readonly services: readonly string[];
  readonly readKid: string;
}

/** The person behind a proof by a read key; that there is a referral of it, each look-up finds anew. */
export function personBy({ kid }: CodePrincipal): PersonReader {
  return { kind: 'person', services: [], readKid: kid };
}

export function readKidOf(by: Reader): string | null {
  return by.kind === 'person' ? by.readKid : null;
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
