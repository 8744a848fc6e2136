import { Controller, Get, Res } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Database } from '../../database/index.js';
import { Access } from '../common/access/index.js';
import { Jobs } from '../common/jobs.js';
import { LivenessAnswer, ReadinessAnswer } from './health.dto.js';
import { LogService } from '../log/index.js';

@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(
    private readonly database: Database,
    private readonly log: LogService,
    private readonly jobs: Jobs,
  ) {}

  /** The process answers. */
  @Get('live')
  @Access({ principal: 'public' })
  live(): LivenessAnswer {
    return { status: 'pass' };
  }

  /** The process can work: its database answers, and its logs can be signed. */
  @Get('ready')
  @Access({ principal: 'public' })
  @ApiResponse({ status: 503, type: ReadinessAnswer })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<ReadinessAnswer> {
    const database = await this.database.app.query('SELECT').then(
      () => true,
      () => false,
    );
    const { able } = this.log.signing;
    if (!database || !able) void reply.status(503);
    const { lastSuccess } = this.jobs;
    return { status: database && able ? 'pass' : 'fail', checks: { database, signing: able }, lastSuccess };
  }
}
