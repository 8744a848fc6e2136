import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Database } from '../../../database/index.js';
import { Access, CurrentPrincipal, type DevicePrincipal } from '../../common/access/index.js';
import { Cursors, Idempotency, Idempotent, type IdempotentCall } from '../../common/http/index.js';
import { PageQuery } from '../../common/validation/page.query.js';
import { NO_ID } from '../events/places.js';
import { NewWebhookAnswer, NewWebhookDto, RemovedWebhook, WebhooksAnswer } from './webhooks.dto.js';
import { WebhooksService } from './webhooks.service.js';

@ApiTags('webhooks')
@Controller('v1/webhooks')
export class WebhooksController {
  constructor(
    private readonly database: Database,
    private readonly idempotency: Idempotency,
    private readonly cursors: Cursors,
    private readonly webhooks: WebhooksService,
  ) {}

  /** Events of a service of one's own are posted there from now on, signed as Standard Webhooks says. */
  @Post()
  @Access({ principal: 'device', role: 'coordinator' })
  @ApiCreatedResponse({ type: NewWebhookAnswer })
  async register(
    @CurrentPrincipal() by: DevicePrincipal,
    @Idempotent() call: IdempotentCall,
    @Body() body: NewWebhookDto,
  ): Promise<NewWebhookAnswer> {
    const made = await this.idempotency.run(call, async (tx) => ({
      webhook: await this.webhooks.register(tx, by, body),
    }));
    return { ...made, ...this.webhooks.keysOf(made.webhook) };
  }

  /** The webhooks of one's own organisation, and how they fare. */
  @Get()
  @Access({ principal: 'device', role: 'coordinator' })
  @ApiOkResponse({ type: WebhooksAnswer })
  async list(@CurrentPrincipal() by: DevicePrincipal, @Query() page: PageQuery): Promise<WebhooksAnswer> {
    return this.cursors.page(['webhooks', by.organisation], page, {
      read: ([after = NO_ID], limit) => this.webhooks.list(this.database.app, by, { after, limit }),
      place: ({ webhook }) => [webhook],
    });
  }

  /** Nothing more is posted there. */
  @Post('removals')
  @HttpCode(200)
  @Access({ principal: 'device', role: 'coordinator' })
  @ApiOkResponse({ type: RemovedWebhook })
  remove(
    @CurrentPrincipal() by: DevicePrincipal,
    @Idempotent() call: IdempotentCall,
    @Body() { webhook }: RemovedWebhook,
  ): Promise<RemovedWebhook> {
    return this.idempotency.run(call, async (tx) => {
      await this.webhooks.remove(tx, by, webhook);
      return { webhook };
    });
  }
}
