import { Controller, Get, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Database } from '../../database/index.js';
import { Access } from '../common/access/index.js';
import { LogService } from '../log/index.js';

@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(
    private readonly database: Database,
    private readonly log: LogService,
  ) {}

  /** The process answers. */
  @Get('live')
  @Access({ principal: 'public' })
  live(): object {
    return { status: 'pass' };
  }

  /** The process can work: its database answers, and its logs can be signed. */
  @Get('ready')
  @Access({ principal: 'public' })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    const database = await this.database.app.query('SELECT').then(
      () => true,
      () => false,
    );
    const { able } = this.log.signing;
    if (!database || !able) void reply.status(503);
    return { status: database && able ? 'pass' : 'fail', checks: { database, signing: able } };
  }
}
