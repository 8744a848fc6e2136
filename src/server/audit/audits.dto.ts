import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { MOST_SAMPLES } from '../../protocol/audit/sampling.js';
import { IsBase64url, IsId } from '../common/validation/index.js';
import { PageQuery } from '../common/validation/page.query.js';

const NONCE = '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU';

export class ChallengeDto {
  @ApiProperty({ description: '32 random bytes, chosen after the checkpoint was signed', example: NONCE })
  @IsBase64url({ min: 32, max: 32 })
  nonce!: string;

  @ApiProperty({ description: 'of the consent log', example: 2026 })
  @IsInt()
  @Min(2000)
  @Max(9999)
  year!: number;

  @ApiProperty({ description: 'of a checkpoint that was published', example: 1216 })
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  size!: number;

  @ApiProperty({ description: 'leaves to draw: 59 find a fault in 5 %, 299 in 1 %', example: 59 })
  @IsInt()
  @Min(1)
  @Max(MOST_SAMPLES)
  count!: number;
}

export class ChallengeAnswer {
  readonly audit!: string;

  /** Last day on which it is answered. */
  readonly until!: string;
}

export class AuditParams {
  @IsId()
  id!: string;
}

class AskedServiceAnswer {
  readonly service!: string;
  readonly answered!: boolean;
}

export class SampleAnswerDto {
  @ApiProperty({ type: 'integer' })
  readonly index!: number;

  /**
   * `unknown`: nobody who is known here can say what it is, because its openings are destroyed or it is none
   * of ours.
   */
  @ApiProperty({ enum: ['anchor', 'pad', 'held', 'unknown'] })
  readonly kind!: string;

  /** Shows a pad. */
  @ApiPropertyOptional()
  readonly opening?: string;

  /** Who was asked. */
  @ApiPropertyOptional({ type: [AskedServiceAnswer] })
  readonly services?: readonly AskedServiceAnswer[];
}

export class AuditAnswer {
  readonly nonce!: string;

  /** Signed note of the tree in which the leaves were drawn. */
  readonly checkpoint!: string;

  @ApiProperty({ type: 'integer' })
  readonly count!: number;

  readonly until!: string;

  @ApiProperty({ type: [SampleAnswerDto] })
  readonly samples!: readonly SampleAnswerDto[];
}

export class AnswersQuery {
  /** `next` of the page before. */
  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  @MaxLength(1000)
  after?: string;
}

export class SealedAnswer {
  @ApiProperty({ type: 'integer' })
  readonly index!: number;

  readonly service!: string;
  readonly ctx!: string;
  readonly wrap!: string;
  readonly body!: string;
}

export class SealedAnswersAnswer {
  @ApiProperty({ type: [SealedAnswer] })
  readonly items!: readonly SealedAnswer[];

  @ApiPropertyOptional()
  readonly next?: string;
}

export class QuestionsQuery extends PageQuery {
  /** One of the device's services. */
  @IsId()
  service!: string;
}

class ProvenAnswer {
  readonly jws!: string;
  readonly proof!: string;
}

export class QuestionAnswer {
  readonly audit!: string;

  @ApiProperty({ type: 'integer' })
  readonly index!: number;

  readonly until!: string;

  /** device-certificate+jws of the auditor, and the X-Wing key of its device. */
  readonly certificate!: string;

  readonly box!: string;

  @ApiPropertyOptional({ description: 'whose statement was drawn' })
  readonly referral?: string;

  @ApiPropertyOptional({
    description: 'the service’s own word on what it has erased, which was drawn',
    type: ProvenAnswer,
  })
  readonly erasure?: ProvenAnswer;
}

export class QuestionsAnswer {
  @ApiProperty({ type: [QuestionAnswer] })
  readonly items!: readonly QuestionAnswer[];

  @ApiPropertyOptional({ description: 'cursor of the next page' })
  readonly next?: string;
}

/** An answer, sealed to the auditor and to nobody else: envelope of kind 05. */
export class AnswerDto {
  @ApiProperty({ example: '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0' })
  @IsId()
  audit!: string;

  @ApiProperty({ example: 17 })
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  index!: number;

  @ApiProperty({ example: '66666666-7777-8888-9999-aaaaaaaaaaaa' })
  @IsId()
  service!: string;

  @IsBase64url({ min: 119, max: 119 })
  ctx!: string;

  @IsBase64url({ min: 1168, max: 1168 })
  wrap!: string;

  @IsBase64url({ min: 4176, max: 65_616 })
  body!: string;
}

export class AnsweredAnswer {
  @ApiProperty({ enum: [true] })
  readonly answered!: boolean;
}
