import { ApiProperty } from '@nestjs/swagger';
import { IsInt, Matches, Max, Min } from 'class-validator';
import { PART_BYTES } from '../../protocol/envelope/attachment.js';
import { IsBase64url, IsId } from '../common/validation/index.js';

/** A sealed file that is about to be uploaded: neither its name nor its type nor its true length. */
export class AttachmentDto {
  /** The id in the attachment's context. */
  @IsId()
  attachment!: string;

  /** The referral that will be sent with it. */
  @IsId()
  referral!: string;

  /** The service that will send it. */
  @IsId()
  service!: string;

  /** Bytes of the sealed body: 64 + p + 16 for each 65,536 of p, where p is padded by Padmé. */
  @ApiProperty({ minimum: 4176, maximum: 10_750_592 })
  @IsInt()
  @Min(4176)
  @Max(10_750_592)
  size!: number;
}

export class AttachmentParams {
  @IsId()
  id!: string;
}

export class PartDto {
  /** From 0; part n is bytes 131,072·n … of the sealed body. */
  @ApiProperty({ minimum: 0, maximum: 127 })
  @IsInt()
  @Min(0)
  @Max(127)
  number!: number;

  /** 131,072 bytes; in the last part what is left. */
  @IsBase64url({ min: 1, max: PART_BYTES })
  bytes!: string;
}

export class PartParams extends AttachmentParams {
  @ApiProperty({ type: 'string', pattern: '^(0|[1-9][0-9]{0,2})$' })
  @Matches(/^(0|[1-9][0-9]{0,2})$/)
  number!: string;
}

export class AttachmentAnswer {
  readonly attachment!: string;

  readonly referral!: string;

  readonly size!: number;

  /** Numbers of the parts that are there. */
  @ApiProperty({ type: [Number] })
  readonly received!: readonly number[];
}

export class PartTakenAnswer {
  readonly attachment!: string;

  readonly number!: number;
}

export class PartAnswer {
  readonly bytes!: string;
}
