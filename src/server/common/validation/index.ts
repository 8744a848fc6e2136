export { IsBase64url, IsCode, IsDay, IsId, IsJws, IsPart } from './validation.js';
