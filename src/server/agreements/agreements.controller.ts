import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Database } from '../../database/index.js';
import { Access, CurrentPrincipal, type DevicePrincipal } from '../common/access/index.js';
import { Cursors, Idempotency, Idempotent, type IdempotentCall } from '../common/http/index.js';
import { PageQuery } from '../common/validation/page.query.js';
import { RegistryService } from '../organisations/index.js';
import {
  AgreementParams,
  AgreementsAnswer,
  AgreementTextAnswer,
  ProposalDto,
  ProposedAnswer,
} from './agreements.dto.js';
import { AgreementsService } from './agreements.service.js';

@ApiTags('agreements')
@Controller('v1/agreements')
export class AgreementsController {
  constructor(
    private readonly database: Database,
    private readonly idempotency: Idempotency,
    private readonly cursors: Cursors,
    private readonly registry: RegistryService,
    private readonly agreements: AgreementsService,
  ) {}

  /**
   * Proposes an agreement by signing it first. The other parties sign, and any party ends, by entries of the
   * registry.
   */
  @Post()
  @Access({ principal: 'device', role: 'coordinator' })
  @ApiCreatedResponse({ type: ProposedAnswer })
  async propose(
    @CurrentPrincipal() by: DevicePrincipal,
    @Idempotent() call: IdempotentCall,
    @Body() proposal: ProposalDto,
  ): Promise<ProposedAnswer> {
    const index = await this.idempotency.run(call, (tx) => this.agreements.propose(tx, by, proposal));
    await this.registry.sequenced(BigInt(index));
    return { index };
  }

  /** Agreements of one's own organisation, with their last days. */
  @Get()
  @Access({ principal: 'device' })
  @ApiOkResponse({ type: AgreementsAnswer })
  async list(@CurrentPrincipal() by: DevicePrincipal, @Query() page: PageQuery): Promise<AgreementsAnswer> {
    return this.cursors.page(['agreements', by.device], page, {
      read: ([after = ''], limit) => this.agreements.list(this.database.app, by, { after, limit }),
      place: ({ id }) => [id],
    });
  }

  /** One agreement of one's own organisation, with its words. */
  @Get(':id')
  @Access({ principal: 'device' })
  @ApiOkResponse({ type: AgreementTextAnswer })
  show(
    @CurrentPrincipal() by: DevicePrincipal,
    @Param() { id }: AgreementParams,
  ): Promise<AgreementTextAnswer> {
    return this.agreements.show(this.database.app, by, id);
  }
}
