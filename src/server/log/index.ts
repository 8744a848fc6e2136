export { appendRegistryEntries, appendStatementLeaf, type StatementLeafSql } from './append.js';
export { LogModule } from './log.module.js';
export { LogService } from './log.service.js';
export type { LogIdentity, LogName } from './identity.js';
export type { OwnLeaf, ProofsOf, StatementProofs } from './log-reader.js';
export type { Signing } from './sequencer-loop.js';
