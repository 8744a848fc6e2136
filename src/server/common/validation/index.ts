export {
  IsBase64url,
  IsCode,
  IsDay,
  IsId,
  IsJws,
  IsNormalUrl,
  IsPart,
  IsWholeNumber,
  MayBeAbsent,
} from './validation.js';
