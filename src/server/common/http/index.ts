export { Cursors } from './cursors.js';
export {
  callValues,
  Idempotency,
  Idempotent,
  isTaken,
  onceSql,
  untilDecided,
  type CallValues,
  type IdempotentCall,
} from './idempotency.js';
export { ServerSecret } from './secrets.js';
export { Gone } from './gone.js';
