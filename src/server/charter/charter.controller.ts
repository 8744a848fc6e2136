import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Database } from '../../database/index.js';
import { Access } from '../common/access/index.js';
import { CharterAnswer, CharterVersionParams } from './charter.dto.js';
import { CharterService } from './charter.service.js';

@ApiTags('charter')
@Controller('v1/charter')
export class CharterController {
  constructor(
    private readonly database: Database,
    private readonly charter: CharterService,
  ) {}

  /** The charter in force today. */
  @Get()
  @Access({ principal: 'public' })
  @ApiOkResponse({ type: CharterAnswer })
  inForce(): Promise<CharterAnswer> {
    return this.charter.getInForce(this.database.app);
  }

  /** One version of the charter, past, present or to come. */
  @Get('versions/:version')
  @Access({ principal: 'public' })
  @ApiOkResponse({ type: CharterAnswer })
  version(@Param() { version }: CharterVersionParams): Promise<CharterAnswer> {
    return this.charter.getVersion(this.database.app, Number(version));
  }
}
