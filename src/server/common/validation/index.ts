export {
  IsBase64url,
  IsCode,
  IsDay,
  IsId,
  IsJws,
  IsPart,
  IsWholeNumber,
  knowOwnMembersOnly,
  MayBeAbsent,
} from './validation.js';
