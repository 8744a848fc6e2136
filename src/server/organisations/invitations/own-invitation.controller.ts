import { Body, Controller, Get, Post } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Database, transaction } from '../../../database/index.js';
import { Access, CurrentPrincipal, type CodePrincipal } from '../../common/access/index.js';
import { Gone } from '../../common/http/index.js';
import { refusedAsInvalid } from '../refused.js';
import { DeviceRequestDto, NewInvitationAnswer, OwnInvitationAnswer } from './invitations.dto.js';
import { InvitationsService } from './invitations.service.js';

/**
 * The side of the new device, which has nothing yet but the code: a bare proof by the code's key opens it.
 */
@ApiTags('devices')
@Controller('v1/invitation')
export class OwnInvitationController {
  constructor(
    private readonly database: Database,
    private readonly invitations: InvitationsService,
  ) {}

  /** The welcome and, once the coordinator has certified, the certificate and the first grants. */
  @Get()
  @Access({ principal: 'code' })
  @ApiOkResponse({ type: OwnInvitationAnswer })
  read(@CurrentPrincipal() { kid }: CodePrincipal): Promise<OwnInvitationAnswer> {
    return this.invitations.own(this.database.app, kid);
  }

  /** Asks for a certificate with the new device's own keys. The first to ask has the invitation. */
  @Post('request')
  @Access({ principal: 'code' })
  @ApiCreatedResponse({ type: NewInvitationAnswer })
  async request(
    @CurrentPrincipal() { kid }: CodePrincipal,
    @Body() { request }: DeviceRequestDto,
    @Gone() gone: AbortSignal,
  ): Promise<NewInvitationAnswer> {
    const ask = (tx: PoolClient) => refusedAsInvalid(() => this.invitations.request(tx, kid, request));
    await transaction(this.database.app, ask, gone);
    return { kid };
  }
}
