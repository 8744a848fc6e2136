export {
  DomainError,
  statementInvalid,
  Unauthorised,
  type Detail,
  type ErrorCode,
  type Place,
} from './domain-error.js';
export { ERROR_CODES, titleOf } from './problem.js';
export { placeOf } from './places.js';
export { ProblemAnswer } from './problem.dto.js';
export { ProblemFilter, refuseConnection, sendProblem } from './problem.filter.js';
