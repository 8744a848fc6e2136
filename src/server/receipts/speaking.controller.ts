import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import { Access, CurrentPrincipal, personBy, type CodePrincipal } from '../common/access/index.js';
import { Idempotent, type IdempotentCall } from '../common/http/index.js';
import {
  MessageDto,
  MessagesAnswer,
  MessagesQuery,
  MessageTakenAnswer,
  OwnReader,
  PostMessageAct,
  RenewAct,
  ThreadReader,
} from '../referrals/index.js';
import renewalExample from './examples/renewal.json' with { type: 'json' };
import { RenewalAnswer, RenewalDto } from './receipts.dto.js';

/** What a person says beside taking it back: messages, and a later last day. Proof: DPoP by the read key. */
@ApiTags('receipts')
@Controller('v1/receipt')
export class SpeakingController {
  constructor(
    private readonly own: OwnReader,
    private readonly thread: ThreadReader,
    private readonly posts: PostMessageAct,
    private readonly renewals: RenewAct,
  ) {}

  /** The thread of both services and the person, in its order. */
  @Get('messages')
  @Access({ principal: 'code' })
  async messages(
    @CurrentPrincipal() by: CodePrincipal,
    @Query() query: MessagesQuery,
  ): Promise<MessagesAnswer> {
    const person = personBy(by);
    return this.thread.page(person, await this.own.find(person), query);
  }

  /** Writes to both services; sealed on the person's device, and signed there by the code's key. */
  @Post('messages')
  @Access({ principal: 'code' })
  @HttpCode(201)
  async write(
    @CurrentPrincipal() by: CodePrincipal,
    @Idempotent() call: IdempotentCall,
    @Body() body: MessageDto,
  ): Promise<MessageTakenAnswer> {
    const person = personBy(by);
    return this.posts.run(person, call, await this.own.find(person), body);
  }

  /** A later last day for the content, by the person themselves; the charter bounds it. */
  @Post('renewals')
  @ApiBody({ type: RenewalDto, examples: { complete: { value: renewalExample } } })
  @Access({ principal: 'code' })
  @HttpCode(200)
  async renew(
    @CurrentPrincipal() by: CodePrincipal,
    @Idempotent() call: IdempotentCall,
    @Body() { statement }: RenewalDto,
  ): Promise<RenewalAnswer> {
    const person = personBy(by);
    const { referral, keepUntil } = await this.renewals.run(
      person,
      call,
      await this.own.find(person),
      statement,
    );
    return { referral, keepUntil };
  }
}
