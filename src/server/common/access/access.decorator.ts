import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiSecurity } from '@nestjs/swagger';
import type { Principal, Role } from './principal.js';

export interface AccessRule {
  readonly principal: Principal['kind'];
  /** A device needs this role; any role will do where none is named. */
  readonly role?: Role;
}

export const ACCESS = 'relais:access';

/**
 * Who may call a route. There is no default: a route without it stops the start-up. The guard only lets in; the service
 * asks again about the very record.
 */
export function Access(rule: AccessRule): MethodDecorator {
  const documented = rule.principal === 'public' ? [] : [ApiSecurity(rule.principal)];
  return applyDecorators(SetMetadata(ACCESS, rule), ...documented);
}
