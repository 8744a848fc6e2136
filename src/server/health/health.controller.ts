import { Controller, Get, Res } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Database } from '../../database/index.js';
import { Access } from '../common/access/index.js';
import { Damage } from '../common/damage.js';
import { Jobs } from '../common/jobs.js';
import { Room } from '../common/room.js';
import { LivenessAnswer, ReadinessAnswer } from './health.dto.js';
import { LogService } from '../log/index.js';

@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(
    private readonly database: Database,
    private readonly log: LogService,
    private readonly jobs: Jobs,
    private readonly room: Room,
    private readonly damage: Damage,
  ) {}

  /** The process answers. */
  @Get('live')
  @Access({ principal: 'public' })
  live(): LivenessAnswer {
    return { status: 'pass' };
  }

  /**
   * The process can work: its database answers and is no older than what was signed, and its logs can be
   * signed.
   */
  @Get('ready')
  @Access({ principal: 'public' })
  @ApiResponse({ status: 503, type: ReadinessAnswer })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<ReadinessAnswer> {
    const database = await this.database.sequencer.query('SELECT').then(
      () => true,
      () => false,
    );
    const current = !this.log.isBehind;
    const signing = this.log.signing.able;
    const room = !this.room.isTight;
    const whole = !this.damage.isKnown;
    const works = database && current && signing;
    if (!works) void reply.status(503);
    const status = !works ? 'fail' : room && whole ? 'pass' : 'warn';
    return {
      status,
      checks: { database, current, signing, room, whole },
      lastSuccess: this.jobs.lastSuccess,
    };
  }
}
