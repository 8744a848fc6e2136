export { DomainError, Unauthorised, type ErrorCode } from './domain-error.js';
export { ProblemAnswer } from './problem.dto.js';
export { codeOf, ProblemFilter, refuseConnection, sendProblem } from './problem.filter.js';
