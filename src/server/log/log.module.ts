import { Module } from '@nestjs/common';
import { LogController } from './log.controller.js';
import { LogService } from './log.service.js';
import { WitnessesJob } from './witnesses.job.js';

@Module({
  controllers: [LogController],
  providers: [LogService, WitnessesJob],
  exports: [LogService],
})
export class LogModule {}
