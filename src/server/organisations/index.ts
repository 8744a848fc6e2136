export { OrganisationsModule } from './organisations.module.js';
export { refusedAsInvalid } from './refused.js';
export { EntriesService } from './registry/entries.service.js';
export { RegistryService, type Queries } from './registry/registry.service.js';
