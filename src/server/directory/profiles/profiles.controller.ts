import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { fromBase64url } from '../../../protocol/encoding/bytes.js';
import { Access, CurrentPrincipal, type DevicePrincipal } from '../../common/access/index.js';
import { DomainError } from '../../common/errors/index.js';
import { Cursors, Idempotent, type IdempotentCall } from '../../common/http/index.js';
import { CapacityService } from '../capacity/capacity.service.js';
import { ServiceParams } from '../directory.dto.js';
import {
  CapacityDto,
  EndedAnswer,
  EndHoldDto,
  HeldAnswer,
  HoldDto,
  ProfileAnswer,
  ProfileDto,
  PublishedAnswer,
  SearchAnswer,
  SearchDto,
  UpdatedAnswer,
} from './profiles.dto.js';
import { ProfilesService } from './profiles.service.js';
import { SearchService } from '../search/search.service.js';

@ApiTags('services')
@Controller('v1')
export class ProfilesController {
  constructor(
    private readonly cursors: Cursors,
    private readonly profiles: ProfilesService,
    private readonly searches: SearchService,
    private readonly capacities: CapacityService,
  ) {}

  /** Services that have published a profile, by what is sought; nothing of that is kept. */
  @Post('services/search')
  @HttpCode(200)
  @Access({ principal: 'device' })
  @ApiOkResponse({ type: SearchAnswer })
  async search(@CurrentPrincipal() by: DevicePrincipal, @Body() body: SearchDto): Promise<SearchAnswer> {
    const { after, limit = 50, ...sought } = body;
    if (Object.keys(sought).length === 0)
      throw new DomainError('input_invalid', { pointer: '', detail: 'missing' });
    const { text = '', language = '', term = '', near = '' } = sought;
    const scope = ['search', by.device, text, language, term, near, `${sought.openNow} ${sought.free}`];
    const [position] = this.cursors.decode(scope, after) ?? [];
    const { items, last } = await this.searches.page({ ...sought, limit }, position);
    return { items, ...(last !== undefined && { next: this.cursors.encode(scope, [last]) }) };
  }

  /** What a service says of itself, and what it has free. */
  @Get('services/:id/profile')
  @Access({ principal: 'device' })
  @ApiOkResponse({ type: ProfileAnswer })
  profile(@Param() { id }: ServiceParams): Promise<ProfileAnswer> {
    return this.profiles.get(id);
  }

  /** Replaces the profile of a service of one's own organisation, whole. */
  @Post('services/:id/profile')
  @HttpCode(200)
  @Access({ principal: 'device', role: 'coordinator' })
  @ApiOkResponse({ type: PublishedAnswer })
  publish(
    @CurrentPrincipal() by: DevicePrincipal,
    @Idempotent() call: IdempotentCall,
    @Param() { id }: ServiceParams,
    @Body() { profile }: ProfileDto,
  ): Promise<PublishedAnswer> {
    return this.profiles.publish(by, call, { id, text: profile });
  }

  /**
   * States what a service has free today: by a device that works for it, or that coordinates its
   * organisation.
   */
  @Post('services/:id/capacity')
  @HttpCode(200)
  @Access({ principal: 'device' })
  @ApiOkResponse({ type: UpdatedAnswer })
  setCapacity(
    @CurrentPrincipal() by: DevicePrincipal,
    @Idempotent() call: IdempotentCall,
    @Param() { id }: ServiceParams,
    @Body() stated: CapacityDto,
  ): Promise<UpdatedAnswer> {
    return this.capacities.set(by, call, { id, stated });
  }

  /** Holds a place for 24 hours, before there is any consent and without a word about a person. */
  @Post('services/:id/holds')
  @Access({ principal: 'device' })
  @ApiCreatedResponse({ type: HeldAnswer })
  hold(
    @CurrentPrincipal() by: DevicePrincipal,
    @Idempotent() call: IdempotentCall,
    @Param() { id }: ServiceParams,
    @Body() { hold }: HoldDto,
  ): Promise<HeldAnswer> {
    return this.capacities.hold(by, call, { id, hash: fromBase64url(hold) });
  }

  /** Gives a held place back: by whoever has the token. */
  @Post('holds/end')
  @HttpCode(200)
  @Access({ principal: 'public' })
  @ApiOkResponse({ type: EndedAnswer })
  async endHold(@Body() { token }: EndHoldDto): Promise<EndedAnswer> {
    await this.capacities.end(fromBase64url(token));
    return { ended: true };
  }
}
