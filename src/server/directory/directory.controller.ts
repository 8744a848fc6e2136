import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Database } from '../../database/index.js';
import { Access, CurrentPrincipal, type DevicePrincipal } from '../common/access/index.js';
import { Cursors, Idempotency, Idempotent, type IdempotentCall } from '../common/http/index.js';
import { PageQuery } from '../common/validation/page.query.js';
import {
  ServiceAnswer,
  ServiceParams,
  ServicesAnswer,
  ServiceStatusAnswer,
  ServiceStatusDto,
} from './directory.dto.js';
import { DirectoryService, type ServicePosition } from './directory.service.js';

@ApiTags('services')
@Controller('v1/services')
export class DirectoryController {
  constructor(
    private readonly database: Database,
    private readonly idempotency: Idempotency,
    private readonly cursors: Cursors,
    private readonly directory: DirectoryService,
  ) {}

  /** Every service of the network, by name. */
  @Get()
  @Access({ principal: 'device' })
  @ApiOkResponse({ type: ServicesAnswer })
  async list(@CurrentPrincipal() by: DevicePrincipal, @Query() page: PageQuery): Promise<ServicesAnswer> {
    return this.cursors.page(['services', by.device], page, {
      read: (after, limit) => this.directory.list(this.database.app, positionOf(after), limit),
      place: ({ name, id }) => [name, id],
    });
  }

  /** One service with its present key and that key's proof in the registry log. */
  @Get(':id')
  @Access({ principal: 'device' })
  @ApiOkResponse({ type: ServiceAnswer })
  show(@Param() { id }: ServiceParams): Promise<ServiceAnswer> {
    return this.directory.show(this.database.app, id);
  }

  /** Opens or closes a service of one's own organisation to new referrals. */
  @Post(':id/status')
  @HttpCode(200)
  @Access({ principal: 'device', role: 'coordinator' })
  @ApiOkResponse({ type: ServiceStatusAnswer })
  setStatus(
    @CurrentPrincipal() by: DevicePrincipal,
    @Idempotent() call: IdempotentCall,
    @Param() { id }: ServiceParams,
    @Body() { status }: ServiceStatusDto,
  ): Promise<ServiceStatusAnswer> {
    return this.idempotency.run(call, async (tx) => {
      await this.directory.setStatus(tx, by, id, status);
      return { status };
    });
  }
}

function positionOf([name, id]: readonly string[]): ServicePosition | undefined {
  return name === undefined || id === undefined ? undefined : { name, id };
}
