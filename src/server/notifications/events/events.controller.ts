import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { EventPage } from '../../../protocol/referral/event-types.js';
import { Access, CurrentPrincipal, type DevicePrincipal } from '../../common/access/index.js';
import { Gone } from '../../common/http/index.js';
import { EventsAnswer, EventsQuery } from './events.dto.js';
import { EventsService } from './events.service.js';

@ApiTags('events')
@Controller('v1/events')
export class EventsController {
  constructor(private readonly events: EventsService) {}

  /** What has happened to a service's referrals: ids alone, each at least once, for 30 days. */
  @Get()
  @Access({ principal: 'device' })
  @ApiOkResponse({ type: EventsAnswer })
  read(
    @CurrentPrincipal() by: DevicePrincipal,
    @Query() query: EventsQuery,
    @Gone() gone: AbortSignal,
  ): Promise<EventPage> {
    return this.events.read(by, query, gone);
  }
}
