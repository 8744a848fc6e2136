import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { FEEDBACK } from '../../protocol/envelope/feedback.js';
import { IsBase64url, IsPart } from '../common/validation/index.js';

/** A person's own words, sealed to every observer. */
export class FeedbackTextDto {
  /** The envelope's context, of kind 07: no referral, no consent. */
  @IsBase64url({ min: 119, max: 614 })
  ctx!: string;

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(16)
  @IsBase64url({ min: 1168, max: 1168 }, { each: true })
  wraps!: string[];

  @IsBase64url({ min: 4176, max: 8272 })
  body!: string;
}

/** A question that the person leaves out. */
export const SKIPPED = 'skipped';

/** How it went; each question can be left out. */
export class FeedbackDto {
  @ApiProperty({ enum: [...FEEDBACK.reached, SKIPPED] })
  @IsIn([...FEEDBACK.reached, SKIPPED])
  reached!: string;

  @ApiProperty({ enum: [...FEEDBACK.helped, SKIPPED] })
  @IsIn([...FEEDBACK.helped, SKIPPED])
  helped!: string;

  @ApiProperty({ enum: [...FEEDBACK.respected, SKIPPED] })
  @IsIn([...FEEDBACK.respected, SKIPPED])
  respected!: string;

  @IsOptional()
  @IsPart(() => FeedbackTextDto)
  text?: FeedbackTextDto;
}

export class FeedbackGivenAnswer {
  @ApiProperty({ enum: [true] })
  readonly given!: boolean;
}

export class ObserversAnswer {
  /** X-Wing keys of the observers' devices; none where nobody can read a text. */
  @ApiProperty({ type: [String] })
  readonly boxes!: readonly string[];
}

export class FeedbackQuery {
  /** `next` of the page before. */
  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  @MaxLength(1000)
  after?: string;

  @ApiPropertyOptional({ minimum: 1, maximum: 50, default: 20 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(50)
  limit: number = 20;
}

export class FeedbackItemAnswer {
  /** The service of which it speaks. */
  readonly service!: string;

  @ApiProperty({ example: '2026-4' })
  readonly quarter!: string;

  readonly ctx!: string;

  /** The content key, sealed to this device. */
  readonly wrap!: string;

  readonly body!: string;
}

export class FeedbackPageAnswer {
  @ApiProperty({ type: [FeedbackItemAnswer] })
  readonly items!: readonly FeedbackItemAnswer[];

  @ApiPropertyOptional()
  readonly next?: string;
}

export class QuarterParams {
  @ApiProperty({ example: '2026-4' })
  @Matches(/^[0-9]{4}-[1-4]$/)
  quarter!: string;
}

class CellAnswer {
  readonly service!: string;

  @ApiProperty({ enum: Object.keys(FEEDBACK) })
  readonly question!: string;

  readonly answer!: string;

  /** Rounded to 5; "<10"; null where it is withheld. */
  @ApiProperty({ oneOf: [{ type: 'integer' }, { enum: ['<10'] }, { type: 'null' }] })
  readonly count!: number | '<10' | null;
}

export class FeedbackTableAnswer {
  readonly quarter!: string;

  /** Rounded to 10. */
  @ApiProperty({ type: 'integer' })
  readonly total!: number;

  @ApiProperty({ type: [CellAnswer] })
  readonly cells!: readonly CellAnswer[];
}
