import { IsBase64url } from '../../common/validation/index.js';

/** An envelope of kind 06: the handoff's content key, sealed by a service to a later epoch of its own. */
export class CarryOverDto {
  /** Its context, with one recipient. */
  @IsBase64url({ min: 119, max: 119 })
  ctx!: string;

  @IsBase64url({ min: 1168, max: 1168 })
  wrap!: string;

  /** The smallest bucket is enough for a key. */
  @IsBase64url({ min: 4176, max: 4176 })
  body!: string;
}
