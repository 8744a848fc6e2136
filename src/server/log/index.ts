export { appendRegistryEntries, appendStatementLeaf, type StatementLeafSql } from './append.js';
export { LogModule } from './log.module.js';
export { LogService } from './log.service.js';
export type { Heads as LogHeads } from './heads.js';
export type { Agreement } from './recovery/ask-witnesses.js';
export { LogRecovery } from './recovery/recovery.js';
export type { LogIdentity, LogName } from './identity.js';
export type { OwnLeaf, ProofsOf, StatementProofs } from './log-reader.js';
export type { Signing } from './sequencer-loop.js';
