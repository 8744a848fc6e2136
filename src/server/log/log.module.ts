import { Module } from '@nestjs/common';
import { LogController } from './log.controller.js';
import { LogService } from './log.service.js';
import { LogRecovery } from './recovery/recovery.js';
import { WitnessesJob } from './witnesses.job.js';

@Module({
  controllers: [LogController],
  providers: [LogService, LogRecovery, WitnessesJob],
  exports: [LogService, LogRecovery],
})
export class LogModule {}
