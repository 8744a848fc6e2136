import { Body, Controller, Get, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Database } from '../../../database/index.js';
import { Access, CurrentPrincipal, type DevicePrincipal } from '../../common/access/index.js';
import { Idempotency, Idempotent, type IdempotentCall } from '../../common/http/index.js';
import { InvitationsAnswer, NewInvitationAnswer, NewInvitationDto } from './invitations.dto.js';
import { InvitationsService } from './invitations.service.js';

@ApiTags('devices')
@Controller('v1/invitations')
export class InvitationsController {
  constructor(
    private readonly database: Database,
    private readonly idempotency: Idempotency,
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
      kid: await this.invitations.create(tx, by, invitation),
    }));
  }

  /** The organisation's invitations of the last days, the newest 200. */
  @Get()
  @Access({ principal: 'device', role: 'coordinator' })
  @ApiOkResponse({ type: InvitationsAnswer })
  async list(@CurrentPrincipal() by: DevicePrincipal): Promise<InvitationsAnswer> {
    return { items: await this.invitations.list(this.database.app, by) };
  }
}
