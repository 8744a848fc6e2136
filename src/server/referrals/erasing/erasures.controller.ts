import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import { Access, CurrentPrincipal, type DevicePrincipal } from '../../common/access/index.js';
import { Idempotent, type IdempotentCall } from '../../common/http/index.js';
import { DueErasuresAnswer, ErasureAnswer, ErasureDto, ErasuresQuery } from './erasures.dto.js';
import { Erasures } from './erasures.js';
import erasureExample from '../examples/erasure.json' with { type: 'json' };

/** What this server has erased, a service erases as well, and says so in the log. */
@ApiTags('referrals')
@Controller('v1/erasures')
export class ErasuresController {
  constructor(private readonly erasures: Erasures) {}

  /** Referrals whose content is gone here and that the service has not yet said to have erased. */
  @Get()
  @Access({ principal: 'device' })
  async due(
    @CurrentPrincipal() by: DevicePrincipal,
    @Query() query: ErasuresQuery,
  ): Promise<DueErasuresAnswer> {
    return this.erasures.due(by, query);
  }

  /**
   * Says that a service has erased its own copies: signed and logged, by leaves of the log, without a
   * consent's id.
   */
  @Post()
  @ApiBody({ type: ErasureDto, examples: { complete: { value: erasureExample } } })
  @Access({ principal: 'device' })
  @HttpCode(201)
  async done(
    @CurrentPrincipal() by: DevicePrincipal,
    @Idempotent() call: IdempotentCall,
    @Body() body: ErasureDto,
  ): Promise<ErasureAnswer> {
    return this.erasures.done(by, call, body);
  }
}
