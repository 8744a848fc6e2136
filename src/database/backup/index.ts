export { takeBackup, type Place } from './backup.js';
export { DamagedTable } from './tables.js';
export { restoreInPlace } from './older.js';
export { restoreBackup, type Restored } from './restore.js';
export type { Replayed } from './replay.js';
