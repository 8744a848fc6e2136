export { Cursors } from './cursors.js';
export {
  Idempotency,
  Idempotent,
  isTaken,
  onceSql,
  untilDecided,
  type IdempotentCall,
  type OneStatement,
} from './idempotency.js';
export { ServerSecret } from './secrets.js';
export { Gone } from './gone.js';
