import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsIn, IsOptional } from 'class-validator';
import { ACTS } from '../../protocol/referral/state-machine.js';
import { IsCode, IsDay, IsPart } from '../common/validation/index.js';
import { StatementDto } from './send.dto.js';

/** One act on a referral. Which members it needs, the state machine says. */
export class TransitionDto {
  @ApiProperty({ enum: ACTS, example: 'accept' })
  @IsIn(ACTS)
  event!: string;

  /** For decline, hold, fail, recall: a code of the list of the new state. */
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

  /** For acknowledge (handoff.received) and withdraw-consent (consent.withdrawn): the signed statement. */
  @ApiPropertyOptional({ type: () => [StatementDto] })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(1)
  @IsPart(() => StatementDto, { each: true })
  statements?: StatementDto[];
}
