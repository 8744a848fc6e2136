export { ask, post, type OutgoingAnswer } from './post.js';
export { findReachable, requireOutgoingUrl } from './reach.js';
