import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Database } from '../../../database/index.js';
import { Access, CurrentPrincipal, type DevicePrincipal } from '../../common/access/index.js';
import { Cursors, Idempotency, Idempotent, type IdempotentCall } from '../../common/http/index.js';
import { PageQuery } from '../../common/validation/page.query.js';
import { NO_ID } from '../events/places.js';
import { MailNoticeAnswer, MailNoticeDto, MailNoticesAnswer, RemovedMailNotice } from './mail-notices.dto.js';
import { MailNoticesService } from './mail-notices.service.js';
import { Mailer } from './mailer.js';

@ApiTags('mail notices')
@Controller('v1/mail-notices')
export class MailNoticesController {
  constructor(
    private readonly database: Database,
    private readonly idempotency: Idempotency,
    private readonly cursors: Cursors,
    private readonly notices: MailNoticesService,
    private readonly mailer: Mailer,
  ) {}

  /**
   * One sentence goes there when a service of one's own has something new: no more than one an hour. Replaces
   * what was there.
   */
  @Post()
  @HttpCode(200)
  @Access({ principal: 'device', role: 'coordinator' })
  @ApiOkResponse({ type: MailNoticeAnswer })
  register(
    @CurrentPrincipal() by: DevicePrincipal,
    @Idempotent() call: IdempotentCall,
    @Body() body: MailNoticeDto,
  ): Promise<MailNoticeAnswer> {
    return this.idempotency.run(call, async (tx) => {
      await this.notices.register(tx, by, body);
      return { service: body.service, sends: this.mailer.sends };
    });
  }

  /** The mailboxes of one's own organisation. */
  @Get()
  @Access({ principal: 'device', role: 'coordinator' })
  @ApiOkResponse({ type: MailNoticesAnswer })
  async list(@CurrentPrincipal() by: DevicePrincipal, @Query() page: PageQuery): Promise<MailNoticesAnswer> {
    const shown = await this.cursors.page(['mail-notices', by.organisation], page, {
      read: ([after = NO_ID], limit) => this.notices.list(this.database.app, by, { after, limit }),
      place: ({ service }) => [service],
    });
    return { ...shown, sends: this.mailer.sends };
  }

  /** No mail goes there any more, and the address is forgotten. */
  @Post('removals')
  @HttpCode(200)
  @Access({ principal: 'device', role: 'coordinator' })
  @ApiOkResponse({ type: RemovedMailNotice })
  remove(
    @CurrentPrincipal() by: DevicePrincipal,
    @Idempotent() call: IdempotentCall,
    @Body() { service }: RemovedMailNotice,
  ): Promise<RemovedMailNotice> {
    return this.idempotency.run(call, async (tx) => {
      await this.notices.remove(tx, by, service);
      return { service };
    });
  }
}
