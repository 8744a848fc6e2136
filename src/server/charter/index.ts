export { CharterModule } from './charter.module.js';
export { CharterService, type CharterVersion } from './charter.service.js';
