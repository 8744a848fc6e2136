import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import { Access, CurrentPrincipal, type DevicePrincipal } from '../common/access/index.js';
import { Idempotent, type IdempotentCall } from '../common/http/index.js';
import {
  AttachmentAnswer,
  AttachmentDto,
  AttachmentParams,
  PartAnswer,
  PartDto,
  PartParams,
  PartTakenAnswer,
} from './attachments.dto.js';
import { AttachmentsService } from './attachments.service.js';
import attachmentExample from './examples/attachment.json' with { type: 'json' };
import partExample from './examples/part.json' with { type: 'json' };

@ApiTags('attachments')
@Controller('v1/attachments')
export class AttachmentsController {
  constructor(private readonly attachments: AttachmentsService) {}

  /**
   * Begins the upload of a sealed file, before the referral is sent. What is not sent within a day is
   * deleted.
   */
  @Post()
  @Access({ principal: 'device' })
  @HttpCode(201)
  @ApiBody({ type: AttachmentDto, examples: { complete: { value: attachmentExample } } })
  async begin(
    @CurrentPrincipal() by: DevicePrincipal,
    @Idempotent() call: IdempotentCall,
    @Body() body: AttachmentDto,
  ): Promise<AttachmentAnswer> {
    return this.attachments.begin(by, call, body);
  }

  /** Which parts are there. */
  @Get(':id')
  @Access({ principal: 'device' })
  async show(
    @CurrentPrincipal() by: DevicePrincipal,
    @Param() { id }: AttachmentParams,
  ): Promise<AttachmentAnswer> {
    return this.attachments.show(by, id);
  }

  /** Uploads one part, in any order; again is harmless. */
  @Post(':id/parts')
  @Access({ principal: 'device' })
  @HttpCode(201)
  @ApiBody({ type: PartDto, examples: { complete: { value: partExample } } })
  async take(
    @CurrentPrincipal() by: DevicePrincipal,
    @Idempotent() call: IdempotentCall,
    @Param() { id }: AttachmentParams,
    @Body() body: PartDto,
  ): Promise<PartTakenAnswer> {
    return this.attachments.take(by, call, id, body);
  }

  /** One part; for the receiving service only after `acknowledge`. */
  @Get(':id/parts/:number')
  @Access({ principal: 'device' })
  async part(
    @CurrentPrincipal() by: DevicePrincipal,
    @Param() { id, number }: PartParams,
  ): Promise<PartAnswer> {
    return this.attachments.part(by, id, Number(number));
  }
}
