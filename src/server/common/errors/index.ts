export { DomainError, type ErrorCode } from './domain-error.js';
export { ProblemFilter, codeOf, sendProblem } from './problem.filter.js';
export { problemOf, type Problem } from './problem.js';
