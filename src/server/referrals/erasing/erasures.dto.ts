import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray } from 'class-validator';
import { PageQuery } from '../../common/validation/page.query.js';
import { IsBase64url, IsId, IsJws, IsPart } from '../../common/validation/index.js';

export class ErasuresQuery extends PageQuery {
  /** One of the device's services. */
  @IsId()
  service!: string;
}

/** consent-statement+jws of kind erasure.done, which names leaves by the hundred. */
export class ErasureStatementDto {
  @IsJws(32_768)
  jws!: string;

  /** 32 fresh random bytes, base64url. */
  @IsBase64url({ min: 32, max: 32 })
  opening!: string;
}

export class ErasureDto {
  @IsPart(() => ErasureStatementDto)
  statement!: ErasureStatementDto;

  /** The referrals whose leaves the statement names: all of their leaves, and no others. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @IsId({ each: true })
  referrals!: string[];
}

export class DueErasureAnswer {
  readonly referral!: string;

  /** `[year, index]` of each of its statements in the consent log. */
  @ApiProperty({
    type: 'array',
    items: { type: 'array', items: { type: 'integer' } },
    example: [[2026, 17]],
  })
  readonly leaves!: readonly (readonly [year: number, index: number])[];
}

export class DueErasuresAnswer {
  @ApiProperty({ type: [DueErasureAnswer] })
  readonly items!: readonly DueErasureAnswer[];

  @ApiPropertyOptional({ description: 'cursor of the next page' })
  readonly next?: string;
}

export class ErasureAnswer {
  /** Referrals that this service has now said to have erased. */
  @ApiProperty({ type: [String] })
  readonly erased!: readonly string[];
}
