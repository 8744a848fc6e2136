export { DomainError, type ErrorCode } from './domain-error.js';
export { ProblemAnswer } from './problem.dto.js';
export { ProblemFilter } from './problem.filter.js';
