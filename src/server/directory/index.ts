export { DirectoryModule } from './directory.module.js';
export { DirectoryService, type ListedService, type ServiceStatus } from './directory.service.js';
