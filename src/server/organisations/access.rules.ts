import { DomainError } from '../common/errors/index.js';
import type { DevicePrincipal, Principal } from '../common/access/index.js';

/**
 * Only a device that serves a service acts for it; for everybody else the service's affairs do not exist.
 * @throws DomainError not_found
 */
export function requireOwnService(
  principal: Principal,
  service: string,
): asserts principal is DevicePrincipal {
  if (principal.kind !== 'device' || !principal.services.includes(service))
    throw new DomainError('not_found');
}
