import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsIn, IsOptional } from 'class-validator';
import { ACTS } from '../../../protocol/referral/state-machine.js';
import { IsCode, IsDay, IsId, IsJws, IsPart } from '../../common/validation/index.js';
import { StatementDto } from '../common/statement.dto.js';

/** One act on a referral. Which members it needs, the state machine says. */
export class TransitionDto {
  @ApiProperty({ enum: ACTS, example: 'accept' })
  @IsIn(ACTS)
  event!: string;

  /** For decline, hold, fail, recall, void: a code of the list of the new state. */
  @IsOptional()
  @IsCode()
  statusReason?: string;

  /** For complete. */
  @IsOptional()
  @IsCode()
  outcome?: string;

  /** For hold: the day on which the case will be looked at again. */
  @IsOptional()
  @IsDay()
  reviewOn?: string;

  /** For decline with `redirect-proposed`: services that the person could be asked about instead. */
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(3)
  @IsId({ each: true })
  redirectTo?: string[];

  /** For business-status. */
  @IsOptional()
  @IsCode()
  businessStatus?: string;

  /**
   * For void: `confirmation+jws` of the statement, by a second device or the paper key of the same
   * organisation.
   */
  @IsOptional()
  @IsJws(1024)
  confirmation?: string;

  /**
   * The signed statement: for acknowledge (handoff.received), withdraw-consent (consent.withdrawn), void
   * (consent.invalidated) and renew-consent (consent.renewed).
   */
  @ApiPropertyOptional({ type: () => [StatementDto] })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(1)
  @IsPart(() => StatementDto, { each: true })
  statements?: StatementDto[];
}
