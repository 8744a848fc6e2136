export { Database, connectionOptions, transaction } from './database.js';
export { onDatabase, startEmbedded, type DatabaseUrls, type EmbeddedDatabase } from './embedded.js';
export { migrate, migrationDataSource } from './migrate.js';
