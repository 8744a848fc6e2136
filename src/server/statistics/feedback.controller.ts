import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import { toBase64url } from '../../protocol/encoding/bytes.js';
import {
  Access,
  CurrentPrincipal,
  type CodePrincipal,
  type DevicePrincipal,
} from '../common/access/index.js';
import { Idempotent, type IdempotentCall } from '../common/http/index.js';
import feedbackExample from './examples/feedback.json' with { type: 'json' };
import {
  FeedbackDto,
  FeedbackGivenAnswer,
  FeedbackPageAnswer,
  FeedbackQuery,
  FeedbackTableAnswer,
  ObserversAnswer,
  QuarterParams,
} from './feedback.dto.js';
import { FeedbackService } from './feedback.service.js';

/** How it went, from the persons to the observers and to everybody's tables. */
@ApiTags('feedback')
@Controller('v1')
export class FeedbackController {
  constructor(private readonly feedback: FeedbackService) {}

  /** To whom a text can be sealed. */
  @Get('receipt/observers')
  @Access({ principal: 'code' })
  async observers(@CurrentPrincipal() by: CodePrincipal): Promise<ObserversAnswer> {
    return { boxes: (await this.feedback.observers(by)).map(toBase64url) };
  }

  /** Says how it went, once; counted without the person. Proof: DPoP by the read key. */
  @Post('receipt/feedback')
  @ApiBody({ type: FeedbackDto, examples: { complete: { value: feedbackExample } } })
  @Access({ principal: 'code' })
  @HttpCode(200)
  async give(
    @CurrentPrincipal() by: CodePrincipal,
    @Idempotent() call: IdempotentCall,
    @Body() body: FeedbackDto,
  ): Promise<FeedbackGivenAnswer> {
    return this.feedback.give(by, call, body);
  }

  /** What persons have written, sealed to this observer's device. */
  @Get('feedback')
  @Access({ principal: 'device', role: 'observer' })
  async texts(
    @CurrentPrincipal() by: DevicePrincipal,
    @Query() query: FeedbackQuery,
  ): Promise<FeedbackPageAnswer> {
    return this.feedback.texts(by, query);
  }

  /** The table of a quarter, from thirty days after its end; it is never revised. */
  @Get('statistics/feedback/:quarter')
  @Access({ principal: 'public' })
  async table(@Param() { quarter }: QuarterParams): Promise<FeedbackTableAnswer> {
    return this.feedback.table(quarter);
  }
}
