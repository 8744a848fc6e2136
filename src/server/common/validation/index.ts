export {
  IsBase64url,
  IsCode,
  IsDay,
  IsId,
  IsJws,
  IsNormalUrl,
  IsPart,
  IsWholeNumber,
  knowOwnMembersOnly,
  MayBeAbsent,
} from './validation.js';
