import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Database } from '../../../database/index.js';
import { Access, CurrentPrincipal, type DevicePrincipal } from '../../common/access/index.js';
import { Cursors, Idempotency, Idempotent, type IdempotentCall } from '../../common/http/index.js';
import { PageQuery } from '../../common/validation/page.query.js';
import { refusedAsInvalid } from '../refused.js';
import { GrantsAnswer, GrantsDto, SavedGrantsAnswer } from './grants.dto.js';
import { GrantsService } from './grants.service.js';

@ApiTags('devices')
@Controller('v1/grants')
export class GrantsController {
  constructor(
    private readonly database: Database,
    private readonly idempotency: Idempotency,
    private readonly cursors: Cursors,
    private readonly grants: GrantsService,
  ) {}

  /** Leaves epoch seeds for colleagues' devices, each sealed to one of them. */
  @Post()
  @Access({ principal: 'device' })
  @ApiCreatedResponse({ type: SavedGrantsAnswer })
  save(
    @CurrentPrincipal() by: DevicePrincipal,
    @Idempotent() call: IdempotentCall,
    @Body() { grants }: GrantsDto,
  ): Promise<SavedGrantsAnswer> {
    return this.idempotency.run(call, async (tx) => {
      await refusedAsInvalid(() => this.grants.save(tx, by, grants));
      return { saved: grants.length };
    });
  }

  /** The calling device's grants, for the services that it serves. */
  @Get()
  @Access({ principal: 'device' })
  @ApiOkResponse({ type: GrantsAnswer })
  async list(@CurrentPrincipal() by: DevicePrincipal, @Query() page: PageQuery): Promise<GrantsAnswer> {
    const { items, ...next } = await this.cursors.page(['grants', by.device], page, {
      read: (after, limit) => this.grants.of(this.database.app, by, { after, limit }),
      place: ({ service, epoch }) => [service, epoch],
    });
    return { items: items.map(({ jws }) => jws), ...next };
  }
}
