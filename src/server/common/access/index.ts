export { ACCESS, Access, type AccessRule } from './access.decorator.js';
export { authThumbprint, type AuthKey } from './auth-key.js';
export {
  CurrentPrincipal,
  personBy,
  readKidOf,
  type CodePrincipal,
  type DevicePrincipal,
  type PersonReader,
  type Principal,
  type PublicPrincipal,
  type Reader,
  type Role,
} from './principal.js';
