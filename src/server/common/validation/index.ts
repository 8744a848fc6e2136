export { IsBase64url, IsCode, IsDay, IsId, IsJws } from './validation.js';
