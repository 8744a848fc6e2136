import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import { Access, CurrentPrincipal, type DevicePrincipal } from '../common/access/index.js';
import { Idempotent, type IdempotentCall } from '../common/http/index.js';
import {
  AnsweredAnswer,
  AnswerDto,
  AnswersQuery,
  AuditAnswer,
  AuditParams,
  ChallengeAnswer,
  ChallengeDto,
  QuestionsAnswer,
  QuestionsQuery,
  SealedAnswersAnswer,
} from './audits.dto.js';
import { AuditsService } from './audits.service.js';
import answerExample from './examples/answer.json' with { type: 'json' };

/** Auditors draw leaves; their holders show what they are, to the auditor alone. */
@ApiTags('audits')
@Controller('v1/audits')
export class AuditsController {
  constructor(private readonly audits: AuditsService) {}

  /**
   * Draws leaves in a published tree of the consent log, and asks whoever holds them; answered for fourteen
   * days.
   */
  @Post()
  @Access({ principal: 'device', role: 'auditor' })
  @HttpCode(201)
  async challenge(
    @CurrentPrincipal() by: DevicePrincipal,
    @Idempotent() call: IdempotentCall,
    @Body() body: ChallengeDto,
  ): Promise<ChallengeAnswer> {
    return this.audits.challenge(by, call, body);
  }

  /** What a service has yet to answer, the most urgent first. */
  @Get('questions')
  @Access({ principal: 'device' })
  async questions(
    @CurrentPrincipal() by: DevicePrincipal,
    @Query() query: QuestionsQuery,
  ): Promise<QuestionsAnswer> {
    return this.audits.questions(by, query);
  }

  /** Answers for a service, sealed to the auditor who asked. The first answer counts. */
  @Post('answers')
  @ApiBody({ type: AnswerDto, examples: { complete: { value: answerExample } } })
  @Access({ principal: 'device' })
  @HttpCode(200)
  async answer(
    @CurrentPrincipal() by: DevicePrincipal,
    @Idempotent() call: IdempotentCall,
    @Body() body: AnswerDto,
  ): Promise<AnsweredAnswer> {
    return this.audits.answer(by, call, body);
  }

  /**
   * What was drawn: pads with what shows them, and who was asked of the rest. For the auditor who drew it.
   */
  @Get(':id')
  @Access({ principal: 'device', role: 'auditor' })
  async find(@CurrentPrincipal() by: DevicePrincipal, @Param() { id }: AuditParams): Promise<AuditAnswer> {
    return this.audits.find(by, id);
  }

  /** The holders' sealed answers. */
  @Get(':id/answers')
  @Access({ principal: 'device', role: 'auditor' })
  async answers(
    @CurrentPrincipal() by: DevicePrincipal,
    @Param() { id }: AuditParams,
    @Query() { after }: AnswersQuery,
  ): Promise<SealedAnswersAnswer> {
    return this.audits.answers(by, id, after);
  }
}
