import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Database } from '../../../database/index.js';
import { Access, CurrentPrincipal, type DevicePrincipal } from '../../common/access/index.js';
import { Cursors, Idempotency, Idempotent, type IdempotentCall } from '../../common/http/index.js';
import { PageQuery } from '../../common/validation/page.query.js';
import { EnrolmentService } from '../enrolment.service.js';
import { refusedAsInvalid } from '../refused.js';
import {
  DeviceParams,
  DeviceRevocationDto,
  DevicesAnswer,
  NewDeviceAnswer,
  NewDeviceDto,
} from './devices.dto.js';
import { DevicesService } from './devices.service.js';

@ApiTags('devices')
@Controller('v1/devices')
export class DevicesController {
  constructor(
    private readonly database: Database,
    private readonly idempotency: Idempotency,
    private readonly cursors: Cursors,
    private readonly devices: DevicesService,
    private readonly enrolment: EnrolmentService,
  ) {}

  /**
   * Takes in a device that a coordinator has certified, with the invitation it came by, if any; or its
   * renewed certificate.
   */
  @Post()
  @Access({ principal: 'device', role: 'coordinator' })
  @ApiCreatedResponse({ type: NewDeviceAnswer })
  add(
    @CurrentPrincipal() by: DevicePrincipal,
    @Idempotent() call: IdempotentCall,
    @Body() device: NewDeviceDto,
  ): Promise<NewDeviceAnswer> {
    return this.idempotency.run(call, async (tx) => ({
      device: await this.enrolment.certify(tx, by, device),
    }));
  }

  /** The devices of one's own organisation. */
  @Get()
  @Access({ principal: 'device' })
  @ApiOkResponse({ type: DevicesAnswer })
  async list(@CurrentPrincipal() by: DevicePrincipal, @Query() page: PageQuery): Promise<DevicesAnswer> {
    return this.cursors.page(['devices', by.organisation], page, {
      read: ([after = null], limit) =>
        this.devices.list(this.database.app, by.organisation, { after, limit }),
      place: ({ device }) => [device],
    });
  }

  /** Stops a device at once and for good. */
  @Post(':id/revocation')
  @HttpCode(200)
  @Access({ principal: 'device', role: 'coordinator' })
  @ApiOkResponse({ type: NewDeviceAnswer })
  revoke(
    @CurrentPrincipal() by: DevicePrincipal,
    @Idempotent() call: IdempotentCall,
    @Param() { id }: DeviceParams,
    @Body() { revocation }: DeviceRevocationDto,
  ): Promise<NewDeviceAnswer> {
    return this.idempotency.run(call, async (tx) => {
      await refusedAsInvalid(() => this.devices.revoke(tx, by, id, revocation));
      return { device: id };
    });
  }
}
