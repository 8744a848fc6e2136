/**
 * A data directory with this file is a restored one, and signs nothing until its witnesses agree (see ADR
 * 0018).
 */
export const RESTORED = 'restored';
