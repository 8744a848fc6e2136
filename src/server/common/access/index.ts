export { ACCESS, Access, type AccessRule } from './access.decorator.js';
export { authThumbprint, type AuthKey } from './auth-key.js';
export {
  CurrentPrincipal,
  type CodePrincipal,
  type DevicePrincipal,
  type Principal,
  type PublicPrincipal,
  type Role,
} from './principal.js';
