export { takeBackup, type Place } from './backup.js';
export { restoreBackup, type Restored } from './restore.js';
