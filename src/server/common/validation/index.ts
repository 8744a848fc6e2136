export { IsBase64url, IsCode, IsDay, IsId, IsJws, IsPart, MayBeAbsent } from './validation.js';
