import { IsBase64url, IsJws } from '../../common/validation/index.js';

/** A signed consent statement with the opening of its leaf. */
export class StatementDto {
  /** consent-statement+jws */
  @IsJws(4096)
  jws!: string;

  /** 32 fresh random bytes, base64url. */
  @IsBase64url({ min: 32, max: 32 })
  opening!: string;
}
