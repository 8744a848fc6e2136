import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Database } from '../../../database/index.js';
import { Access, CurrentPrincipal, type DevicePrincipal } from '../../common/access/index.js';
import { Cursors, Idempotency, Idempotent, type IdempotentCall } from '../../common/http/index.js';
import { PageQuery } from '../../common/validation/page.query.js';
import { refusedAsInvalid } from '../refused.js';
import { InvitationsAnswer, NewInvitationAnswer, NewInvitationDto } from './invitations.dto.js';
import { InvitationsService } from './invitations.service.js';

@ApiTags('devices')
@Controller('v1/invitations')
export class InvitationsController {
  constructor(
    private readonly database: Database,
    private readonly idempotency: Idempotency,
    private readonly cursors: Cursors,
    private readonly invitations: InvitationsService,
  ) {}

  /** Leaves the public half of a code that a coordinator's device has made, and a welcome sealed under it. */
  @Post()
  @Access({ principal: 'device', role: 'coordinator' })
  @ApiCreatedResponse({ type: NewInvitationAnswer })
  create(
    @CurrentPrincipal() by: DevicePrincipal,
    @Idempotent() call: IdempotentCall,
    @Body() invitation: NewInvitationDto,
  ): Promise<NewInvitationAnswer> {
    return this.idempotency.run(call, async (tx) => ({
      kid: await refusedAsInvalid(() => this.invitations.create(tx, by, invitation)),
    }));
  }

  /** The organisation's invitations of the last days, the newest first. */
  @Get()
  @Access({ principal: 'device', role: 'coordinator' })
  @ApiOkResponse({ type: InvitationsAnswer })
  async list(@CurrentPrincipal() by: DevicePrincipal, @Query() page: PageQuery): Promise<InvitationsAnswer> {
    return this.cursors.page(['invitations', by.device], page, {
      read: (after, limit) => this.invitations.list(this.database.app, by, { after, limit }),
      place: ({ expires, kid }) => [expires, kid],
    });
  }
}
