export { connectionOptions } from './connection.js';
export { Database, transaction, type IsWanted } from './database.js';
export { endEmbedded, startEmbedded, type EmbeddedDatabase } from './embedded.js';
export { onDatabase, type DatabaseUrls } from './logins.js';
export { compareMigrations, migrate, migrationDataSource } from './migrate.js';
