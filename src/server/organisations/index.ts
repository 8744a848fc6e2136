export { OrganisationsModule } from './organisations.module.js';
export { RegistryService, type Queries } from './registry/registry.service.js';
