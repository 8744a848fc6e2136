import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiSecurity } from '@nestjs/swagger';
import type { Principal, Role } from './principal.js';

export interface AccessRule {
  readonly principal: Principal['kind'];
  /** A device needs this role; any role will do where none is named. */
  readonly role?: Role;
}

export const ACCESS = 'relais:access';

/** The schemes that the API's description knows, and which of them each principal needs. */
const SCHEMES: Record<Principal['kind'], Record<string, string[]>> = {
  device: { device: [], proof: [] },
  code: { code: [] },
  public: {},
};

/**
 * Who may call a route. There is no default: a route without it stops the start-up. The guard only lets in;
 * the service asks again about the very record.
 */
export function Access(rule: AccessRule): MethodDecorator {
  return applyDecorators(SetMetadata(ACCESS, rule), ApiSecurity(SCHEMES[rule.principal]));
}
