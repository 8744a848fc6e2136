import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import { Access, CurrentPrincipal, type DevicePrincipal } from '../../common/access/index.js';
import { Idempotent, type IdempotentCall } from '../../common/http/index.js';
import { requireId } from '../referrals.controller.js';
import messageExample from './examples/message.json' with { type: 'json' };
import { MessageDto, MessagesAnswer, MessagesQuery, MessageTakenAnswer } from './messages.dto.js';
import { PostMessageAct } from './post-message.js';
import { ThreadReader } from './thread.js';

@ApiTags('referrals')
@Controller('v1/referrals/:id/messages')
export class MessagesController {
  constructor(
    private readonly posts: PostMessageAct,
    private readonly thread: ThreadReader,
  ) {}

  /** Writes a sealed message to the other service and the person, at any time while content is kept. */
  @Post()
  @Access({ principal: 'device' })
  @HttpCode(201)
  @ApiBody({ type: MessageDto, examples: { complete: { value: messageExample } } })
  async post(
    @CurrentPrincipal() by: DevicePrincipal,
    @Idempotent() call: IdempotentCall,
    @Param('id') id: string,
    @Body() body: MessageDto,
  ): Promise<MessageTakenAnswer> {
    return this.posts.run(by, call, requireId(id), body);
  }

  /** The thread, in its order; for the receiving service only after `acknowledge`. */
  @Get()
  @Access({ principal: 'device' })
  async list(
    @CurrentPrincipal() by: DevicePrincipal,
    @Param('id') id: string,
    @Query() query: MessagesQuery,
  ): Promise<MessagesAnswer> {
    return this.thread.page(by, requireId(id), query);
  }
}
