import { Body, Controller, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiTags } from '@nestjs/swagger';
import { Access } from '../../common/access/index.js';
import { FoundingAnswer, FoundingDto } from './founding.dto.js';
import { FoundingService } from './founding.service.js';

@ApiTags('network')
@Controller('v1/network/founding')
export class FoundingController {
  constructor(private readonly founding: FoundingService) {}

  /** Founds the network. Only while the registry is empty; the same founding again gives the same answer. */
  @Post()
  @Access({ principal: 'public' })
  @ApiCreatedResponse({ type: FoundingAnswer })
  async found(@Body() { token, ...founding }: FoundingDto): Promise<FoundingAnswer> {
    return { registrySize: await this.founding.found(token, founding) };
  }
}
