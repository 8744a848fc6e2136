import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Database } from '../../database/index.js';
import { Access } from '../common/access/index.js';
import { NetworkAnswer } from './network.dto.js';
import { NetworkService } from './network.service.js';

@ApiTags('network')
@Controller('v1/network')
export class NetworkController {
  constructor(
    private readonly database: Database,
    private readonly network: NetworkService,
  ) {}

  /** The network's id and log keys, as founders and newcomers must see them first. */
  @Get()
  @Access({ principal: 'public' })
  @ApiOkResponse({ type: NetworkAnswer })
  read(): Promise<NetworkAnswer> {
    return this.network.read(this.database.app);
  }
}
