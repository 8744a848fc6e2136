import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsIn, IsOptional } from 'class-validator';
import { IsCode, IsDay, IsPart } from '../common/validation/index.js';
import { StatementDto } from './send.dto.js';

export const EVENTS = [
  'acknowledge',
  'accept',
  'decline',
  'start',
  'hold',
  'complete',
  'fail',
  'recall',
  'withdraw-consent',
] as const;

/** One act on a referral. Which members it needs, the state machine says. */
export class TransitionDto {
  @ApiProperty({ enum: EVENTS, example: 'accept' })
  @IsIn(EVENTS)
  event!: (typeof EVENTS)[number];

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
