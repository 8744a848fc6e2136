import { Module } from '@nestjs/common';
import { LogModule } from '../log/index.js';
import { HealthController } from './health.controller.js';

@Module({ imports: [LogModule], controllers: [HealthController] })
export class HealthModule {}
