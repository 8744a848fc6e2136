export { DomainError, type ErrorCode } from './domain-error.js';
export { ProblemFilter } from './problem.filter.js';
