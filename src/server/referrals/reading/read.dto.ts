import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { IsId, IsWholeNumber } from '../../common/validation/index.js';

export class ListQuery {
  /** `inbox`: what was sent to one's services; `outbox`: what they have sent. */
  @ApiProperty({ enum: ['inbox', 'outbox'] })
  @IsIn(['inbox', 'outbox'])
  box!: 'inbox' | 'outbox';

  @ApiPropertyOptional({ enum: ['open', 'closed'], default: 'open' })
  @IsOptional()
  @IsIn(['open', 'closed'])
  state: 'open' | 'closed' = 'open';

  /** One of the device's services; all of them when absent. */
  @IsOptional()
  @IsId()
  service?: string;

  /** `next` of the page before. */
  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  @MaxLength(1000)
  after?: string;

  @ApiPropertyOptional({ minimum: 1, maximum: 100, default: 50 })
  @IsOptional()
  @IsWholeNumber(1, 100)
  limit: number = 50;
}

const DEGREES = ['provisional', 'final'] as const;

export class ProofsQuery {
  /** Size of the checkpoint that the client has seen: the answer shows that the log only grew since. */
  @ApiPropertyOptional({ type: 'string' })
  @IsOptional()
  @Matches(/^(0|[1-9][0-9]{0,18})$/)
  from: string = '0';

  /**
   * `provisional`, by the log alone, seconds after an act; `final`, under a checkpoint that a quorum of
   * witnesses has seen.
   */
  @ApiPropertyOptional({ enum: DEGREES })
  @IsOptional()
  @IsIn(DEGREES)
  degree: (typeof DEGREES)[number] = 'provisional';
}
