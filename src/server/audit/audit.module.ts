import { Module } from '@nestjs/common';
import { LogModule } from '../log/index.js';
import { AuditsController } from './audits.controller.js';
import { AuditsJob } from './audits.job.js';
import { AuditsService } from './audits.service.js';

@Module({
  imports: [LogModule],
  controllers: [AuditsController],
  providers: [AuditsService, AuditsJob],
})
export class AuditModule {}
