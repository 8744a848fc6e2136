export { requireOwnService } from './access.rules.js';
export { FoundingService } from './founding/founding.service.js';
export { OrganisationsModule } from './organisations.module.js';
export { RegistryService, type Queries, type ServiceKeyRow } from './registry/registry.service.js';
