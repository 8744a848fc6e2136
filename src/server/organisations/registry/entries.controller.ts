import { Body, Controller, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiTags } from '@nestjs/swagger';
import { Access, CurrentPrincipal, type DevicePrincipal } from '../../common/access/index.js';
import { Idempotency, Idempotent, type IdempotentCall } from '../../common/http/index.js';
import { EntriesAnswer, EntriesDto } from './entries.dto.js';
import { EntriesService } from './entries.service.js';
import { RegistryService } from './registry.service.js';

@ApiTags('registry')
@Controller('v1/registry/entries')
export class EntriesController {
  constructor(
    private readonly idempotency: Idempotency,
    private readonly entries: EntriesService,
    private readonly registry: RegistryService,
  ) {}

  /**
   * Adds keys of one's own organisation, their revocations, or its word on an agreement. Waits for the log to
   * sign them, five seconds at most: taken they are in any case.
   */
  @Post()
  @Access({ principal: 'device', role: 'coordinator' })
  @ApiCreatedResponse({ type: EntriesAnswer })
  async append(
    @CurrentPrincipal() by: DevicePrincipal,
    @Idempotent() call: IdempotentCall,
    @Body() { entries }: EntriesDto,
  ): Promise<EntriesAnswer> {
    const indexes = await this.idempotency.run(call, (tx) => this.entries.append(tx, by, entries));
    await this.registry.sequenced(BigInt(indexes.at(-1) ?? 0));
    return { indexes };
  }
}
