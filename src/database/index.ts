export { appendErasures, dropOldErasures, erasureFolders } from './backup/erasure-list.js';
export { RESTORED } from './backup/mark.js';
export { connectionOptions } from './connection.js';
export { Database, statement, transaction } from './database.js';
export { emptyEmbedded, startEmbedded, type EmbeddedDatabase } from './embedded.js';
export { hold, take } from './holder.js';
export { onDatabase, type DatabaseUrls } from './logins.js';
export { compareMigrations, migrate } from './migrate.js';
export { named, prepared, sql, unprepared, whole, type Bound, type Query, type Sql } from './sql.js';
