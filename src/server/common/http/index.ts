export { Cursors } from './cursors.js';
export { Idempotency, Idempotent, type IdempotentCall } from './idempotency.js';
export { ServerSecret } from './secrets.js';
export { Wanted } from './wanted.js';
